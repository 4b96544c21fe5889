/**
 * Puts a function of ours in place of a method of one object.
 *
 * The object itself is changed, not wrapped: clients have private fields that a proxy cannot reach, they are compared by
 * identity and with `instanceof`, and a library that was given the client earlier is seen as well.
 */
import { recordedSpan } from "./recordedSpan.js";
import type { Span } from "./types.js";

/** Calls the method as it was called, or with other arguments. */
export type Original = (otherArgs?: readonly unknown[]) => unknown;

/** A function that stands in for a method. `receiver` is what it was called on, which may inherit from the object. */
export type Replacement = (original: Original, args: readonly unknown[], receiver: unknown) => unknown;

/** A function that stands in for a method below a span that is recorded, which it is given. */
export type RecordedReplacement = (
  asking: Span,
  original: Original,
  args: readonly unknown[],
  receiver: unknown,
) => unknown;

/** Anything with members. */
export type Members = Readonly<Record<string, unknown>>;

/** A method as it was found. */
export type Method = (this: unknown, ...args: unknown[]) => unknown;

/** Whether an object has a method of that name. */
export function hasMethod(target: object, name: string): boolean {
  return typeof (target as Members)[name] === "function";
}

/** Replaces a method, as a member that is not listed. False if the object does not let it. */
export function patchMethod(target: object, name: string, replacement: Replacement): boolean {
  return replaceMethod(target, name, (method) => {
    return function (...args) {
      return replacement((given = args) => Reflect.apply(method, this, given), args, this);
    };
  });
}

/**
 * Replaces a method where a span is recorded. Elsewhere the method is called straight away: most calls of a program that is not
 * traced are, and a look-up in a map takes less time than two functions that do nothing.
 */
export function patchRecorded(target: object, name: string, replacement: RecordedReplacement): boolean {
  return replaceMethod(target, name, (method) => {
    return function (...args) {
      const asking = recordedSpan();
      if (asking === undefined) return Reflect.apply(method, this, args);
      return recorded(replacement, asking, method, this, args);
    };
  });
}

/** Apart, so that calls of which nothing is recorded make no closure. */
function recorded(
  replacement: RecordedReplacement,
  asking: Span,
  method: Method,
  receiver: unknown,
  args: readonly unknown[],
): unknown {
  return replacement(asking, (given = args) => Reflect.apply(method, receiver, given), args, receiver);
}

/** Replaces a method by what `replace` makes of it. False if the object does not let it, or has none. */
export function replaceMethod(target: object, name: string, replace: (method: Method) => Method): boolean {
  const method = (target as Members)[name];
  if (typeof method !== "function") return false;
  const patched = replace(method as Method);
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
