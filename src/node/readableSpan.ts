/**
 * Spans of this library as exporters of the OpenTelemetry SDK read them. Those know fewer types of attributes: see `sdkValue`.
 */
import {
  type HrTime,
  type Link as SdkLink,
  type SpanContext as SdkSpanContext,
  SpanKind as SdkSpanKind,
  type SpanStatus as SdkSpanStatus,
  SpanStatusCode,
} from "@opentelemetry/api";
import type { Resource as SdkResource } from "@opentelemetry/resources";
import type { ReadableSpan, TimedEvent } from "@opentelemetry/sdk-trace-base";
import type { EventRecord, LinkRecord, SpanKind, SpanRecord, SpanStatus } from "../core/types.js";
import { SCHEMA_URL, SCOPE_NAME, VERSION } from "../semconv/version.js";
import { otelContextOf } from "./otelContextOf.js";
import { sdkAttributes, wellFormed } from "./sdkValue.js";

const OWN_SCOPE = { name: SCOPE_NAME, version: VERSION, schemaUrl: SCHEMA_URL };

const KINDS: Readonly<Record<SpanKind, SdkSpanKind>> = {
  internal: SdkSpanKind.INTERNAL,
  server: SdkSpanKind.SERVER,
  client: SdkSpanKind.CLIENT,
  producer: SdkSpanKind.PRODUCER,
  consumer: SdkSpanKind.CONSUMER,
};

const STATUS_CODES = [SpanStatusCode.UNSET, SpanStatusCode.OK, SpanStatusCode.ERROR] as const;

/** A finished span. */
export function readableSpan(span: SpanRecord, resource: SdkResource): ReadableSpan {
  const context = contextIn(span, span.spanId);
  const readable: ReadableSpan = {
    name: wellFormed(span.name),
    kind: KINDS[span.kind],
    spanContext: () => context,
    startTime: hrTime(span.startTime),
    endTime: hrTime(span.endTime),
    duration: hrTime(span.endTime - span.startTime),
    ended: true,
    status: sdkStatus(span.status),
    attributes: sdkAttributes(span.attributes),
    events: span.events.map(timedEvent),
    links: span.links.map(sdkLink),
    resource,
    instrumentationScope: span.scope ?? OWN_SCOPE,
    droppedAttributesCount: span.droppedAttributesCount,
    droppedEventsCount: span.droppedEventsCount,
    droppedLinksCount: span.droppedLinksCount,
  };
  // Spread into the literal, this alone takes longer than all the rest.
  return span.parentSpanId === undefined ? readable : Object.assign(readable, parentIn(span, span.parentSpanId));
}

/** A span of the same trace. */
function contextIn({ traceId, traceFlags, traceState }: SpanRecord, spanId: string): SdkSpanContext {
  return traceState === undefined
    ? { traceId, spanId, traceFlags }
    : otelContextOf({ traceId, spanId, traceFlags, traceState });
}

function parentIn(span: SpanRecord, parentSpanId: string): Pick<ReadableSpan, "parentSpanContext"> {
  const context = contextIn(span, parentSpanId);
  context.isRemote = span.parentIsRemote;
  return { parentSpanContext: context };
}

function timedEvent({ name, time, attributes, droppedAttributesCount }: EventRecord): TimedEvent {
  return { name: wellFormed(name), time: hrTime(time), attributes: sdkAttributes(attributes), droppedAttributesCount };
}

function sdkLink({ context, attributes, droppedAttributesCount }: LinkRecord): SdkLink {
  return { context: otelContextOf(context), attributes: sdkAttributes(attributes), droppedAttributesCount };
}

function sdkStatus({ code, message }: SpanStatus): SdkSpanStatus {
  return { code: STATUS_CODES[code], ...(message === undefined ? {} : { message: wellFormed(message) }) };
}

/** Whole nanoseconds: a double has no more of a time of today. */
function hrTime(millis: number): HrTime {
  const seconds = Math.floor(millis / 1000);
  const nanos = Math.round((millis - seconds * 1000) * 1e6);
  return nanos === 1e9 ? [seconds + 1, 0] : [seconds, nanos];
}
