/**
 * A point in time after which nobody waits any more. It aborts the request, and it also settles the wait itself,
 * because not every runtime ends a `fetch` or a read when its signal is aborted.
 */

/** Longest delay of `setTimeout`; a longer one would fire at once (HTML standard: a signed 32-bit number). */
const MAX_TIMER_MS = 2_147_483_647;

/** @internal A running deadline. */
export interface Deadline {
  /** Made when it is asked for: that takes a server longer than encoding five spans. */
  readonly signal: AbortSignal;
  /** The outcome of `work`, or `"late"` if the deadline comes first. */
  race<T>(work: Promise<T>): Promise<T | "late">;
  /** Stops the timer. Call it in `finally`: a timer left behind keeps a server from stopping. */
  clear(): void;
}

/** @internal Starts a deadline. `Infinity` sets no timer. */
export function startDeadline(timeoutMs: number): Deadline {
  let controller: AbortController | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const expired = new Promise<"late">((resolve) => {
    if (timeoutMs === Infinity) return;
    timer = setTimeout(
      () => {
        resolve("late");
        controller?.abort();
      },
      Math.min(Math.max(0, timeoutMs), MAX_TIMER_MS),
    );
  });
  return {
    get signal() {
      return (controller ??= new AbortController()).signal;
    },
    race: (work) => Promise.race([work, expired]),
    clear: () => clearTimeout(timer),
  };
}
