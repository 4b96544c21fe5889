/**
 * Stands in for packages that Convex installs on its servers instead of bundling (`node.externalPackages`).
 *
 * They are often native, and loading them would run them outside of the check's context. A module mostly makes a client
 * of them at its top level, and that works with a value that can be called, constructed, extended and read at will.
 */

/** A value that answers every use with itself. */
export function externalStub(): unknown {
  const target = function () {
    return undefined;
  };
  const get = (from: object, key: string | symbol): unknown => {
    // Awaiting must end, and conversions must give something.
    if (key === "then") return undefined;
    if (key === Symbol.toPrimitive) return () => "";
    if (key === Symbol.iterator) return () => [][Symbol.iterator]();
    return key === "prototype" ? Reflect.get(from, key) : stub;
  };
  // Interop code copies a module by making an object on its prototype, which therefore has to answer too.
  const prototype = new Proxy({}, { get });
  const stub: object = new Proxy(target, {
    get,
    apply: () => stub,
    construct: () => stub,
    getPrototypeOf: () => prototype,
  });
  return stub;
}
