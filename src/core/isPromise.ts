/** Promises of any realm, but not what merely has a `then`: query builders run when that is called. */
export function isPromise(value: unknown): value is Promise<unknown> {
  return value instanceof Promise || Object.prototype.toString.call(value) === "[object Promise]";
}
