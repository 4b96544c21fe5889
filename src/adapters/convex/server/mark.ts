/**
 * The mark that instrumented functions carry, so that `convex-otel check` can tell them from stock ones by evaluating
 * a bundled app. The symbol is registered globally: the checker and the app may hold different copies of this library.
 */
const INSTRUMENTED = Symbol.for("convex-otel.instrumented");

/**
 * Marks a registered function, with the user's handler where that is needed again. Not enumerable: registration properties
 * stay exactly Convex's own.
 */
export function markInstrumented<F extends object>(registered: F, handler: unknown = true): F {
  return Object.defineProperty(registered, INSTRUMENTED, { value: handler, configurable: true });
}

/** The user's handler of a function that was marked with one. */
export function markedHandler(registered: object): unknown {
  return Reflect.get(registered, INSTRUMENTED);
}

/** Whether a registered function was built with our builders. */
export function isInstrumented(registered: object): boolean {
  return INSTRUMENTED in registered;
}
