/** Span contexts of this library as `@opentelemetry/api` has them. */
import type { SpanContext } from "@opentelemetry/api";
import { toOtelSpanContext } from "../core/otelGlobal.js";
import type { SpanContext as OwnSpanContext } from "../core/types.js";

/** The same identity, with the trace state as an object: code that uses the API calls it. */
export function otelContextOf(context: OwnSpanContext | SpanContext): SpanContext {
  const converted: object = toOtelSpanContext(context as OwnSpanContext);
  return converted as SpanContext;
}
