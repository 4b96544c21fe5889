/**
 * `TextMapPropagator` of `@opentelemetry/api`: requests of libraries carry the trace context of the running call. Not its
 * baggage, which names users' things, and nothing is read: what comes in is the concern of the function that it comes to.
 */
import type { OtelContext } from "../../../core/otelGlobal.js";
import { withTextState } from "../../../core/traceState.js";
import { formatTraceparent } from "../../../propagation/traceparent.js";
import { spanIn } from "./otelContexts.js";

/** `TextMapPropagator` of the API. */
export interface OtelPropagator {
  inject(
    context: OtelContext,
    carrier: unknown,
    setter: { set(carrier: unknown, key: string, value: string): void },
  ): void;
  extract(context: OtelContext): OtelContext;
  fields(): string[];
}

/** The propagator. */
export function otelPropagation(): OtelPropagator {
  return {
    inject(context, carrier, setter) {
      const span = spanIn(context);
      if (span === undefined) return;
      const spanContext = withTextState(span.spanContext());
      const traceparent = formatTraceparent(spanContext);
      if (traceparent === undefined) return;
      setter.set(carrier, "traceparent", traceparent);
      if (spanContext.traceState) setter.set(carrier, "tracestate", spanContext.traceState);
    },
    extract: (context) => context,
    fields: () => ["traceparent", "tracestate"],
  };
}
