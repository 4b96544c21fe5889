/** The trace state of a span that somebody else made. */
import type { SpanContext } from "./types.js";

/** OpenTelemetry's own spans have an object as trace state; here it is the header's text. */
export function withTextState(context: SpanContext): SpanContext {
  const { traceState, ...rest } = context as Omit<SpanContext, "traceState"> & { readonly traceState?: unknown };
  if (typeof traceState === "string") return { ...rest, traceState };
  const serialize: unknown = Reflect.get(Object(traceState), "serialize");
  const text: unknown = typeof serialize === "function" ? Reflect.apply(serialize, traceState, []) : undefined;
  return typeof text === "string" && text !== "" ? { ...rest, traceState: text } : rest;
}
