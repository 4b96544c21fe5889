/**
 * Puts a function of ours in place of a method of one object.
 *
 * The object itself is changed, not wrapped: clients have private fields that a proxy cannot reach, they are compared by
 * identity and with `instanceof`, and a library that was given the client earlier is seen as well.
 */

/**
 * A function that stands in for a method. `original` calls the method as it was called, or with other arguments; `receiver`
 * is what it was called on, which may inherit from the object.
 */
export type Replacement = (
  original: (otherArgs?: readonly unknown[]) => unknown,
  args: readonly unknown[],
  receiver: unknown,
) => unknown;

/** Anything with members. */
export type Members = Readonly<Record<string, unknown>>;

/** Whether an object has a method of that name. */
export function hasMethod(target: object, name: string): boolean {
  return typeof (target as Members)[name] === "function";
}

/** Replaces a method, as a member that is not listed. False if the object does not let it. */
export function patchMethod(target: object, name: string, replacement: Replacement): boolean {
  const method = (target as Members)[name];
  if (typeof method !== "function") return false;
  const patched = function (this: unknown, ...args: unknown[]): unknown {
    return replacement((given = args) => Reflect.apply(method, this, given) as unknown, args, this);
  };
  // Libraries look at how many parameters a function takes, and at its name.
  Object.defineProperty(patched, "name", { value: method.name, configurable: true });
  Object.defineProperty(patched, "length", { value: method.length, configurable: true });
  return Reflect.defineProperty(target, name, {
    value: patched,
    configurable: true,
    enumerable: Object.prototype.propertyIsEnumerable.call(target, name),
    writable: true,
  });
}

/** Whether somebody else replaced one of the methods already, in the way that OpenTelemetry's instrumentations do. */
export function isWrappedByOthers(target: object, names: readonly string[]): boolean {
  return names.some((name) => {
    const method = (target as Members)[name];
    return typeof method === "function" && (method as { readonly __wrapped?: unknown }).__wrapped === true;
  });
}
