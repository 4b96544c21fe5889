/**
 * When to try again. In Convex a failed delivery is not retried in place, since a function that waits is paid for: it
 * schedules itself to run later. Its pauses are therefore longer than those of an SDK that keeps a queue in memory.
 */
import type { Random } from "../core/ports.js";

/** First pause. Long enough for a restart or a deploy of the backend, and each try is a billed function call. */
export const RETRY_BASE_MS = 5_000;

/** Growth of the pause: seven pauses of 5 s to 30 min span about an hour, so a usual outage is bridged. */
export const RETRY_FACTOR = 3;

/** Longest pause of our own choosing. Traces that come later than half an hour help nobody who is looking. */
export const RETRY_MAX_MS = 30 * 60_000;

/** Part of the pause that is random, up and down, so that the calls of a busy minute do not come back together. */
export const RETRY_JITTER = 0.2;

/** How often a batch is sent at most, the first time included. After that it is dropped and counted. */
export const RETRY_MAX_ATTEMPTS = 8;

/** The longest `Retry-After` that is believed: a backend that asks for a day is better given up on by attempts. */
export const RETRY_AFTER_MAX_MS = 60 * 60_000;

/** What the pause before the next attempt depends on. */
export interface RetryOptions {
  readonly random: Random;
  /** What the backend asked for (`Retry-After`), in milliseconds. Never undercut, up to one hour. */
  readonly retryAfterMs?: number;
}

/**
 * How long to wait before the next attempt.
 *
 * @param attempt - how many attempts have failed so far: 1 after the first
 * @returns milliseconds, or undefined if it is time to give up
 *
 * @example
 * ```ts
 * import { retryDelayMs } from "convex-otel/otlp";
 *
 * const random = { uint32: () => Math.floor(Math.random() * 2 ** 32) };
 * export const pause = (failures: number) => retryDelayMs(failures, { random });
 * ```
 */
export function retryDelayMs(attempt: number, options: RetryOptions): number | undefined {
  if (!(attempt < RETRY_MAX_ATTEMPTS)) return undefined;
  const failures = Math.max(1, Math.floor(attempt));
  const backoff = Math.min(RETRY_MAX_MS, RETRY_BASE_MS * RETRY_FACTOR ** (failures - 1));
  const spread = (options.random.uint32() / 2 ** 32) * 2 - 1;
  const own = Math.round(backoff * (1 + RETRY_JITTER * spread));
  return Math.max(own, askedFor(options.retryAfterMs));
}

/** The backend's wish, in bounds; nonsense counts as no wish. */
function askedFor(retryAfterMs: number | undefined): number {
  if (retryAfterMs === undefined || !(retryAfterMs > 0)) return 0;
  return Math.ceil(Math.min(retryAfterMs, RETRY_AFTER_MAX_MS));
}
