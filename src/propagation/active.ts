/**
 * Propagation of what is active: the carrier and headers of the running call, and its correlation id. The codecs know
 * nothing of the running program; these functions join them to it.
 */
import { activeCall, otelBaggageValue } from "../core/activeCall.js";
import { getActiveSpan } from "../core/api.js";
import { activeContext } from "../core/context.js";
import { withTextState } from "../core/traceState.js";
import type { Span } from "../core/types.js";
import { type Carrier, encodeCarrier } from "./carrier.js";
import { CORRELATION_BAGGAGE_KEY, isValidCorrelationId } from "./correlation.js";
import { type HeaderContent, type HeaderTarget, injectHeaders as writeHeaders } from "./headers.js";
import { otelBaggage } from "./otelBaggage.js";

/**
 * The carrier of the active span, for transports of your own: put it into a message, and read it at the other side with
 * `extractCarrier`. Convex calls and schedules made through a traced `ctx` carry it by themselves.
 *
 * @returns an empty carrier where nothing is traced.
 * @example
 * ```ts
 * import { injectCarrier } from "convex-otel";
 *
 * const message = { body: "hello", _otel: injectCarrier() };
 * ```
 */
export function injectCarrier(): Carrier {
  return encodeCarrier(contentFor(getActiveSpan()));
}

/**
 * Adds `traceparent`, `tracestate`, `baggage` and `x-correlation-id` of the active span to outgoing headers. Baggage and
 * correlation id are readable by the receiver: call this for hosts of your own.
 *
 * @returns the headers given.
 * @example
 * ```ts
 * import { injectHeaders } from "convex-otel";
 *
 * const response = fetch("https://api.example.com/", { headers: injectHeaders(new Headers()) });
 * ```
 */
export function injectHeaders<Headers extends HeaderTarget>(headers: Headers): Headers {
  return writeHeaders(headers, contentFor(getActiveSpan()));
}

/**
 * The correlation id of the running call: from its caller, or set by {@link setCorrelationId}.
 *
 * @returns undefined where nothing is traced, or nobody has named the call.
 * @example
 * ```ts
 * import { getCorrelationId } from "convex-otel";
 *
 * const headers = { "x-correlation-id": getCorrelationId() ?? "none" };
 * ```
 */
export function getCorrelationId(): string | undefined {
  const call = activeCall();
  if (call !== undefined) return call.correlationId;
  // A provider that somebody else set up: the id came with the request, if its propagator reads baggage.
  const id = otelBaggageValue(CORRELATION_BAGGAGE_KEY);
  return isValidCorrelationId(id) ? id : undefined;
}

/**
 * Names the running call, and everything it calls and schedules from now on, by an id that people and other systems know
 * it by, such as a webhook's delivery id. It becomes `correlation.id` on all spans of the call. An id that came with the
 * call stays. Ids are 1 to 128 characters of `A-Z a-z 0-9 . _ : -`.
 *
 * @returns the id in force; undefined where nothing is traced, or if the id is not valid and there is no other.
 * @example
 * ```ts
 * import { seedCorrelationId, setCorrelationId } from "convex-otel";
 *
 * setCorrelationId(seedCorrelationId({ deliveryId: "evt_1NG8Du2eZvKYlo2C", uuid: crypto.randomUUID() }));
 * ```
 */
export function setCorrelationId(id: string): string | undefined {
  const call = activeCall();
  if (call !== undefined && isValidCorrelationId(id)) call.correlationId ??= id;
  return getCorrelationId();
}

/**
 * What a callee is told, if it is to continue from `span`.
 *
 * @internal
 */
export function contentFor(span: Span | undefined): HeaderContent {
  const spanContext = span?.spanContext();
  const call = activeCall();
  const correlationId = getCorrelationId();
  const named = correlationId === undefined ? [] : [{ key: CORRELATION_BAGGAGE_KEY, value: correlationId }];
  // On a server, first what must not be left out for length, then what the program has put into its baggage.
  const others = otelBaggage().filter(({ key }) => key !== CORRELATION_BAGGAGE_KEY);
  return {
    spanContext: spanContext && withTextState(spanContext),
    baggage: activeContext() === undefined ? [...named, ...others] : named,
    lineage: call && { hops: call.hops + 1, rootStartTime: call.rootStartTime },
    correlationId,
  };
}
