/**
 * Contexts of `@opentelemetry/api`, for code that makes one instead of only asking for the active span: what starts a
 * request decides whose child it is, and what travels with it.
 */
import { LayeredContext } from "./layeredContext.js";
import { nonRecordingSpan } from "./nonRecordingSpan.js";
import { type OtelContext, otelApi, SPAN_KEY, SUPPRESS_KEY, toOtelSpanContext } from "./otelGlobal.js";
import type { Span, SpanContext } from "./types.js";

/** Whether a provider is registered that spans could go to. */
export function hasOtelProvider(): boolean {
  return otelApi()?.trace !== undefined;
}

/** The active context; an empty one where no context manager is registered, as in the API itself. */
export function activeOtelContext(): OtelContext {
  return otelApi()?.context?.active() ?? LayeredContext.on(undefined);
}

/** Runs `fn` with a context active; without a context manager it just runs. */
export function withOtelContext<T>(context: OtelContext, fn: () => T): T {
  const manager = otelApi()?.context;
  return manager === undefined ? fn() : manager.with(context, fn);
}

/** The span in a context. */
export function otelSpanIn(context: OtelContext): Span | undefined {
  return context.getValue(SPAN_KEY) as Span | undefined;
}

/** The context with another span in it, or with a span of another process; `undefined` for none. */
export function withSpanIn(context: OtelContext, span: Span | SpanContext | undefined): OtelContext {
  if (span === undefined) return context.deleteValue(SPAN_KEY);
  const value = "spanContext" in span ? span : nonRecordingSpan(toOtelSpanContext(span));
  return context.setValue(SPAN_KEY, value);
}

/** Whether tracing is suppressed in a context. */
export function isSuppressedIn(context: OtelContext): boolean {
  return context.getValue(SUPPRESS_KEY) === true;
}
