/** Watches how a function ends, whether it is asynchronous or not, without changing what its caller sees. */
import { isPromise } from "../../core/isPromise.js";

/** What is told about the end. What it throws is the caller's concern: it must not. */
export interface Watcher {
  /** Returns what the caller gets: as a rule `value` itself. */
  returned(value: unknown): unknown;
  threw(thrown: unknown): void;
}

/** Runs `fn`; its caller gets the same result or error. */
export function watching<T>(fn: () => T, watcher: Watcher): T {
  let result: T;
  try {
    result = fn();
  } catch (thrown) {
    watcher.threw(thrown);
    throw thrown;
  }
  if (!isPromise(result)) return watcher.returned(result) as T;
  // The promise is replaced, not watched: a rejection that nobody handles must stay unhandled.
  return result.then(
    (value) => watcher.returned(value),
    (thrown: unknown) => {
      watcher.threw(thrown);
      throw thrown;
    },
  ) as T;
}
