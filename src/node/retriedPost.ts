/**
 * One request of a server, sent until it is answered for good. Unlike in Convex, waiting costs nothing here, so
 * retries happen in memory, at the pace of the OpenTelemetry SDK's own exporter.
 */
import type { PostResult } from "../otlp/response.js";
import { post, type PostRequest } from "../otlp/transport.js";

/** When to try again. Milliseconds. */
export interface RetryPace {
  readonly firstMs: number;
  readonly factor: number;
  readonly longestMs: number;
  /** Part of the pause that is random, up and down. */
  readonly jitter: number;
  /** Attempts after the first. */
  readonly retries: number;
}

/** The pace of the exporters of the OpenTelemetry SDK: 1 s, then half as much again, five times in all. */
export const SDK_PACE: RetryPace = { firstMs: 1_000, factor: 1.5, longestMs: 5_000, jitter: 0.2, retries: 5 };

/** What decides over the next attempt. */
export interface RetryOptions {
  /** Milliseconds for all attempts and the pauses between them; `Infinity` for no limit. */
  readonly timeoutMs: number;
  readonly pace: RetryPace;
  /** From 0 to below 1. */
  readonly random: () => number;
}

/** A result after which nothing is tried any more. */
export type FinalResult = Exclude<PostResult, { kind: "retryable" }>;

/**
 * Sends a request, and sends it again while that is worth it and there is time. Never rejects.
 *
 * A pause does not keep the process alive: whoever waits for the result when a process ends does that.
 */
export async function retriedPost(
  request: Omit<PostRequest, "timeoutMs">,
  { timeoutMs, pace, random }: RetryOptions,
): Promise<FinalResult> {
  const end = performance.now() + timeoutMs;
  let failure: string | undefined;
  for (let failures = 1; ; failures++) {
    const leftMs = Math.ceil(end - performance.now());
    // A pause may take longer than was asked for.
    if (leftMs <= 0 && failure !== undefined) return givenUp(failure, "for lack of time");
    if (leftMs <= 0) return { kind: "failure", message: "there was no time left to send the rest" };
    const result = await post({ ...request, timeoutMs: leftMs });
    if (result.kind !== "retryable") return result;
    failure = result.message;
    if (failures > pace.retries) return givenUp(failure, `after ${failures} attempts`);
    const pauseMs = Math.max(ownPause(failures, pace, random()), result.retryAfterMs ?? 0);
    if (pauseMs >= end - performance.now()) return givenUp(failure, "for lack of time");
    await pause(pauseMs);
  }
}

function givenUp(message: string, why: string): FinalResult {
  return { kind: "failure", message: `${message}; given up ${why}` };
}

function ownPause(failures: number, { firstMs, factor, longestMs, jitter }: RetryPace, random: number): number {
  const spread = 1 + jitter * (2 * random - 1);
  return Math.min(firstMs * factor ** (failures - 1) * spread, longestMs);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    // In workers with an older compatibility date a timer is a number.
    const timer: { unref?(): unknown } = setTimeout(resolve, ms);
    timer.unref?.();
  });
}
