/**
 * The mark that instrumented functions carry, so that `convex-otel check` can tell them from stock ones by evaluating
 * a bundled app. The symbol is registered globally: the checker and the app may hold different copies of this library.
 */
const INSTRUMENTED = Symbol.for("convex-otel.instrumented");

/** Marks a registered function. Not enumerable: registration properties stay exactly Convex's own. */
export function markInstrumented<F extends object>(registered: F): F {
  Object.defineProperty(registered, INSTRUMENTED, { value: true });
  return registered;
}

/** Whether a registered function was built with our builders. */
export function isInstrumented(registered: object): boolean {
  return INSTRUMENTED in registered;
}
