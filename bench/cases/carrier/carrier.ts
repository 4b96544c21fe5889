/**
 * Trace context between calls: our carrier, and `W3CTraceContextPropagator` as programs use it, through the OpenTelemetry
 * API. Both write into and read from a plain object. Ids and times rotate, so that nothing is measured from a cache.
 */
import { propagation, ROOT_CONTEXT, trace, type Context } from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import { hex64 } from "../../../src/core/ids.js";
import type { SpanContext } from "../../../src/core/types.js";
import { type Carrier, decodeCarrier, encodeCarrier } from "../../../src/propagation/carrier.js";
import type { Lineage } from "../../../src/propagation/lineage.js";

propagation.setGlobalPropagator(new W3CTraceContextPropagator());

const COUNT = 64;

function spanContext(index: number): SpanContext {
  const word = (part: number) => Math.imul(index * 4 + part + 1, 0x9e3779b1);
  return { traceId: hex64(word(0), word(1)) + hex64(word(2), word(3)), spanId: hex64(word(1), word(2)), traceFlags: 1 };
}

const spanContexts = Array.from({ length: COUNT }, (_, index) => spanContext(index));
const contexts = spanContexts.map((context) =>
  trace.setSpanContext(ROOT_CONTEXT, { traceId: context.traceId, spanId: context.spanId, traceFlags: 1 }),
);

/** What a mutation tells a nested one in our member of the `tracestate`. */
const lineages = Array.from({ length: COUNT }, (_, index): Lineage => {
  const rootStartTime = 1_760_000_000_000 + index * 987_654;
  return { hops: index % 8, rootStartTime, edge: "nested", callerTime: rootStartTime + 12.5, callee: "tasks:add" };
});

/** Carriers as they come in, with a `tracestate` of the given text. */
function incoming(tracestate: string): Carrier[] {
  return spanContexts.map((context) => ({ ...encodeCarrier({ spanContext: context }), tracestate }));
}

const fromVendors = incoming("congo=t61rcWkgMzE,rojo=00f067aa0ba902b7");
const fromUs = spanContexts.map((context, index) => encodeCarrier({ spanContext: context, lineage: lineages[index] }));

let next = 0;

function rotate<T>(values: readonly T[]): T {
  next = (next + 1) % COUNT;
  const value = values[next];
  if (value === undefined) throw new RangeError("out of range");
  return value;
}

function injectOfficial(context: Context): Record<string, string> {
  const carrier: Record<string, string> = {};
  propagation.inject(context, carrier);
  return carrier;
}

/** A span of this call is handed on, and read by the callee: the same two fields as the official propagator. */
export const childOfOurs = () => decodeCarrier(encodeCarrier({ spanContext: rotate(spanContexts) }));

/** The same with the lineage that the Convex adapter really sends. */
export const childOfOursWithLineage = () =>
  decodeCarrier(encodeCarrier({ spanContext: rotate(spanContexts), lineage: lineages[next] }));

export const childOfficial = () =>
  trace.getSpanContext(propagation.extract(ROOT_CONTEXT, injectOfficial(rotate(contexts))));

function passOurs(carrier: Carrier): Carrier {
  const { spanContext: caller, lineage: received, baggage } = decodeCarrier(carrier);
  return encodeCarrier({ spanContext: caller, lineage: received, baggage });
}

/** A caller's context is read and handed on unchanged, with the `tracestate` of two vendors. */
export const passVendorsOurs = () => passOurs(rotate(fromVendors));
export const passVendorsOfficial = () => injectOfficial(propagation.extract(ROOT_CONTEXT, rotate(fromVendors)));

/** The same with a `tracestate` as our own callers send it. */
export const passLineageOurs = () => passOurs(rotate(fromUs));
export const passLineageOfficial = () => injectOfficial(propagation.extract(ROOT_CONTEXT, rotate(fromUs)));
