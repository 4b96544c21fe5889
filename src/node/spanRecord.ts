/** Spans of the OpenTelemetry SDK as the plain data that this library encodes. */
import type { HrTime, Link as SdkLink, SpanContext } from "@opentelemetry/api";
import type { ReadableSpan, TimedEvent } from "@opentelemetry/sdk-trace-base";
import { withTextState } from "../core/traceState.js";
import type { EventRecord, LinkRecord, SpanContext as OwnSpanContext, SpanKind, SpanRecord } from "../core/types.js";

/** `SpanKind` of the API counts from 0, in this order. */
const KINDS: readonly SpanKind[] = ["internal", "server", "client", "producer", "consumer"];

/** A finished span. */
export function spanRecord(span: ReadableSpan): SpanRecord {
  const { traceId, spanId, traceFlags, traceState } = ownContext(span.spanContext());
  const parent = span.parentSpanContext;
  const { name: scope, version, schemaUrl } = span.instrumentationScope;
  return {
    name: span.name,
    kind: KINDS[span.kind] ?? "internal",
    traceId,
    spanId,
    traceFlags,
    ...(traceState === undefined ? {} : { traceState }),
    ...(parent === undefined ? {} : { parentSpanId: parent.spanId }),
    parentIsRemote: parent?.isRemote === true,
    startTime: millis(span.startTime),
    endTime: millis(span.endTime),
    attributes: span.attributes,
    events: span.events.map(eventRecord),
    links: span.links.map(linkRecord),
    status: {
      code: span.status.code,
      ...(span.status.message === undefined ? {} : { message: span.status.message }),
    },
    droppedAttributesCount: span.droppedAttributesCount,
    droppedEventsCount: span.droppedEventsCount,
    droppedLinksCount: span.droppedLinksCount,
    scope: {
      name: scope,
      ...(version === undefined ? {} : { version }),
      ...(schemaUrl === undefined ? {} : { schemaUrl }),
    },
  };
}

function eventRecord({ name, time, attributes = {}, droppedAttributesCount = 0 }: TimedEvent): EventRecord {
  return { name, time: millis(time), attributes, droppedAttributesCount };
}

function linkRecord({ context, attributes = {}, droppedAttributesCount = 0 }: SdkLink): LinkRecord {
  return { context: ownContext(context), attributes: attributes, droppedAttributesCount };
}

function ownContext(context: SpanContext): OwnSpanContext {
  const own: object = context;
  return withTextState(own as OwnSpanContext);
}

function millis([seconds, nanos]: HrTime): number {
  return seconds * 1000 + nanos / 1e6;
}
