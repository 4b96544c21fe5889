/** The mark of functions that this adapter has wrapped, so that it does not wrap them again. */

// Registered globally: two copies of this library may meet in one process.
const WRAPPED = Symbol.for("convex-otel.http.wrapped");

/** Marks a function as one that traces. */
export function markWrapped<F extends object>(wrapper: F): F {
  return Object.defineProperty(wrapper, WRAPPED, { value: true });
}

/** Whether a function traces already. */
export function isWrapped(fn: object): boolean {
  return WRAPPED in fn;
}
