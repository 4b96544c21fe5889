/**
 * Looks at the outcome of a call without being noticed: same value, same error, a promise for a promise only.
 */
import { isPromise } from "./isPromise.js";

/** What came of a call. */
export type Outcome = { readonly value: unknown } | { readonly thrown: unknown };

/**
 * How the outcome of a promise is learned. `replace` returns a promise of its own, so that a rejection nobody handles
 * stays unhandled; `watch` returns the original, for promises whose rejection the callee handles itself.
 */
export type PromiseMode = "replace" | "watch";

/** Runs `fn`, tells its outcome to `done`, and returns or throws what it did. */
export function observe<T>(fn: () => T, done: (outcome: Outcome) => void, mode: PromiseMode = "replace"): T {
  let value: T;
  try {
    value = fn();
  } catch (thrown) {
    tell(done, { thrown });
    throw thrown;
  }
  if (!isPromise(value)) {
    tell(done, { value });
    return value;
  }
  const observed = value.then(
    (result) => {
      tell(done, { value: result });
      return result;
    },
    (thrown: unknown) => {
      tell(done, { thrown });
      if (mode === "replace") throw thrown;
      return undefined;
    },
  );
  return mode === "replace" ? (observed as T) : value;
}

/** Spans of somebody else's provider may throw; the program must not see that. */
function tell(done: (outcome: Outcome) => void, outcome: Outcome): void {
  try {
    done(outcome);
  } catch {
    // The span is lost.
  }
}
