/**
 * What to do after an attempt. Pure, so that the rules can be read and tested apart from the database, the scheduler and
 * the clock.
 */
import { v, type Infer } from "convex/values";

/** Why a webhook was given up. */
export const deadLetterReason = v.union(v.literal("validation"), v.literal("non_retryable"), v.literal("max_retries"));
export type DeadLetterReason = Infer<typeof deadLetterReason>;

/** How an attempt ended. */
export const attemptResult = v.union(
  v.object({ kind: v.literal("succeeded") }),
  v.object({ kind: v.literal("failed"), retryable: v.boolean(), detail: v.string() }),
);
export type AttemptResult = Infer<typeof attemptResult>;

/** How often and how patiently to try. */
export interface RetryPolicy {
  /** All attempts together, the first included. */
  readonly maxAttempts: number;
  /** The delay before the second attempt, in milliseconds; it doubles from there. */
  readonly baseDelayMs: number;
}

const DEFAULT_POLICY: RetryPolicy = { maxAttempts: 5, baseDelayMs: 1000 };

/** Reads a policy from environment variables. A value that is no positive number must not mean "try forever". */
export function readRetryPolicy(maxAttempts: string | undefined, baseDelayMs: string | undefined): RetryPolicy {
  return {
    maxAttempts: positiveOr(maxAttempts, DEFAULT_POLICY.maxAttempts),
    baseDelayMs: positiveOr(baseDelayMs, DEFAULT_POLICY.baseDelayMs),
  };
}

function positiveOr(text: string | undefined, fallback: number): number {
  const value = Number(text);
  return Number.isFinite(value) && value > 0 ? value : fallback;
}

/** The longest delay, in milliseconds. Five minutes keep all attempts of a webhook within one trace (one hour). */
export const MAX_RETRY_DELAY_MS = 5 * 60_000;

/** What follows from a failed attempt. */
export type NextStep =
  | { readonly kind: "retry"; readonly delayMs: number }
  | { readonly kind: "give_up"; readonly reason: DeadLetterReason };

/**
 * Decides what follows from the failure of the attempt with number `attempt` (1 for the first).
 *
 * @param jitter From 0 to 1: spreads retries, so that a target that comes back is not hit by all of them at once.
 */
export function nextStep(retryable: boolean, attempt: number, policy: RetryPolicy, jitter: number): NextStep {
  if (!retryable) return { kind: "give_up", reason: "non_retryable" };
  if (attempt >= policy.maxAttempts) return { kind: "give_up", reason: "max_retries" };
  const fullDelayMs = Math.min(policy.baseDelayMs * 2 ** (attempt - 1), MAX_RETRY_DELAY_MS);
  return { kind: "retry", delayMs: fullDelayMs * (0.5 + jitter / 2) };
}

/** Reads the answer of the target. A 4xx says that the request is wrong, and it will be as wrong the next time. */
export function resultOfStatus(status: number): AttemptResult {
  if (status >= 200 && status < 300) return { kind: "succeeded" };
  // 408 and 429 are the two 4xx that ask for another try: RFC 9110 section 15.5.9, RFC 6585 section 4.
  const retryable = status >= 500 || status === 408 || status === 429;
  return { kind: "failed", retryable, detail: `HTTP ${status}` };
}
