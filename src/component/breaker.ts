/** How long nothing is sent after failures: the pauses of `deliver`, without an end, and never longer than five minutes. */
import { RETRY_AFTER_MAX_MS, RETRY_MAX_ATTEMPTS, retryDelayMs } from "../otlp/retry.js";
import { BREAKER_MAX_MS } from "./limits.js";
import { random } from "./random.js";

/** The pause after so many failures in a row. What the backend asked for is never undercut, up to one hour. */
export function pauseMs(failures: number, retryAfterMs = 0): number {
  const own = retryDelayMs(Math.min(failures, RETRY_MAX_ATTEMPTS - 1), { random }) ?? BREAKER_MAX_MS;
  const jitter = 1 - Math.random() * 0.1;
  return Math.ceil(Math.max(Math.min(own, BREAKER_MAX_MS * jitter), Math.min(retryAfterMs, RETRY_AFTER_MAX_MS)));
}
