/**
 * Brings what is active to callbacks. A pool calls a callback back when a connection is free: from the middle of another
 * request, whose span would get what happens next.
 */
import { activeContext, contextStore } from "./context.js";
import { activeOtelContext, withOtelContext } from "./otelContext.js";

/** A function that runs others with what is active now. */
export function callerContext(): <T>(fn: () => T) => T {
  const store = contextStore();
  const context = activeContext();
  if (store !== undefined && context !== undefined) return (fn) => store.run(context, fn);
  const otel = activeOtelContext();
  return (fn) => withOtelContext(otel, fn);
}
