/** What came with a request or a message, in the context of `@opentelemetry/api`: from the propagator to the first span. */
import { type Context, propagation, trace } from "@opentelemetry/api";
import { INCOMING_KEY } from "../core/incomingKey.js";
import { LayeredContext } from "../core/layeredContext.js";
import type { Extracted } from "../propagation/carrier.js";
import { CORRELATION_BAGGAGE_KEY } from "../propagation/correlation.js";
import { otelContextOf } from "./otelContextOf.js";

/**
 * The context below a caller. Of its baggage only the correlation id is taken over: the rest comes from outside, and what is
 * sent on should be what this program means to say.
 */
export function withIncoming(context: Context, extracted: Extracted): Context {
  const { spanContext, correlationId } = extracted;
  // All that follows is set on top of it: in the API's own contexts each value would be a copy of all others.
  let below: Context = LayeredContext.on(context).setValue(INCOMING_KEY, extracted);
  if (spanContext !== undefined) below = trace.setSpanContext(below, otelContextOf(spanContext));
  if (correlationId === undefined) return below;
  const baggage = propagation.getBaggage(below) ?? propagation.createBaggage();
  return propagation.setBaggage(below, baggage.setEntry(CORRELATION_BAGGAGE_KEY, { value: correlationId }));
}

/** What came in, if anything did. */
export function incomingOf(context: Context): Extracted | undefined {
  return context.getValue(INCOMING_KEY) as Extracted | undefined;
}
