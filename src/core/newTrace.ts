/** Work that goes on after the request it began in: a trace of its own, not a child of what has ended. */
import { activeContext } from "./context.js";
import { API, type OtelContext, SPAN_KEY } from "./otelGlobal.js";

interface OtelContextManager {
  active(): OtelContext;
  with<T>(context: OtelContext, fn: () => T): T;
}

/**
 * Runs `fn` with no active span, so that the next span begins a trace; baggage, and with it the correlation id, stays. In
 * a Convex call `fn` just runs: what is left running when a call ends is cut off with it, so its spans belong to the call.
 */
export function inNewTrace<T>(fn: () => T): T {
  const api = (globalThis as { [API]?: { readonly context?: OtelContextManager } })[API];
  const manager = api?.context;
  if (manager === undefined || activeContext() !== undefined) return fn();
  return manager.with(manager.active().deleteValue(SPAN_KEY), fn);
}
