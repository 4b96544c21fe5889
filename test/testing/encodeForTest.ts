/**
 * A second OTLP/JSON encoder, small and naive. The decoder is tested against this one and not against the library's
 * own: two halves that share a misunderstanding would agree with each other.
 */
import type { AttributeValue, Attributes, EventRecord, LinkRecord, SpanRecord } from "../../src/core/types.js";

const KIND_NUMBERS = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 } as const;

/** A complete request with one resource and one scope. */
export function encodeForTest(spans: readonly SpanRecord[], resource: Attributes = {}): string {
  return `{"resourceSpans":[${encodeText(spans, resource)}]}`;
}

/** One element of `resourceSpans`. */
export function encodeText(spans: readonly SpanRecord[], resource: Attributes = {}): string {
  const scope = { name: "test-scope", version: "1.2.3" };
  return JSON.stringify({
    resource: { attributes: keyValues(resource) },
    scopeSpans: [{ scope, spans: spans.map(encodeSpan) }],
  });
}

function encodeSpan(span: SpanRecord): object {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    traceState: span.traceState,
    parentSpanId: span.parentSpanId,
    flags: span.traceFlags + 0x100 + (span.parentIsRemote ? 0x200 : 0),
    name: span.name,
    kind: KIND_NUMBERS[span.kind],
    startTimeUnixNano: nanos(span.startTime),
    endTimeUnixNano: nanos(span.endTime),
    attributes: keyValues(span.attributes),
    events: span.events.map(encodeEvent),
    links: span.links.map(encodeLink),
    status: span.status,
    droppedAttributesCount: span.droppedAttributesCount,
    droppedEventsCount: span.droppedEventsCount,
    droppedLinksCount: span.droppedLinksCount,
  };
}

function encodeEvent({ name, time, attributes, droppedAttributesCount }: EventRecord): object {
  return { name, timeUnixNano: nanos(time), attributes: keyValues(attributes), droppedAttributesCount };
}

function encodeLink({ context, attributes, droppedAttributesCount }: LinkRecord): object {
  const { traceId, spanId, traceState, traceFlags, isRemote } = context;
  const flags = traceFlags + (isRemote === undefined ? 0 : isRemote ? 0x300 : 0x100);
  return { traceId, spanId, traceState, flags, attributes: keyValues(attributes), droppedAttributesCount };
}

function keyValues(attributes: Attributes): object[] {
  return Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : [{ key, value: any(value) }],
  );
}

function any(value: AttributeValue): object {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  if (typeof value === "bigint") return { intValue: String(value) };
  if (typeof value === "number") return numberValue(value);
  if (value instanceof Uint8Array) return { bytesValue: Buffer.from(value).toString("base64") };
  return { arrayValue: { values: value.flatMap((item) => (item === null || item === undefined ? [] : [any(item)])) } };
}

/** Integers and doubles are one type in JavaScript and two in OTLP; -0 has no integer. */
function numberValue(value: number): object {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) return { intValue: String(value) };
  return { doubleValue: Number.isFinite(value) ? value : String(value) };
}

function nanos(ms: number): string {
  const whole = Math.floor(ms);
  return String(BigInt(whole) * 1_000_000n + BigInt(Math.round((ms - whole) * 1e6)));
}
