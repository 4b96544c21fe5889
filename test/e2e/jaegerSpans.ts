/** Spans as Jaeger gives them back, in the shape of ours, so that whole traces can be compared as text. */
import type { Attributes, AttributeValue, SpanKind, SpanRecord } from "../../src/index.js";
import type { JaegerSpan, JaegerTag, JaegerTrace } from "./jaegerClient.js";

/** The spans of a trace, in order of their start. */
export function spansOf(trace: JaegerTrace): SpanRecord[] {
  return trace.spans.toSorted((a, b) => a.startTime - b.startTime).map(spanOf);
}

function spanOf(span: JaegerSpan): SpanRecord {
  const { "span.kind": kind, "otel.status_code": status, ...attributes } = attributesOf(span.tags);
  const parent = span.references.find(({ refType }) => refType === "CHILD_OF");
  const links = span.references.filter(({ refType }) => refType === "FOLLOWS_FROM");
  return {
    name: span.operationName,
    kind: (kind ?? "internal") as SpanKind,
    traceId: span.traceID,
    spanId: span.spanID,
    traceFlags: 1,
    ...(parent === undefined ? {} : { parentSpanId: parent.spanID }),
    parentIsRemote: false,
    startTime: span.startTime / 1000,
    endTime: (span.startTime + span.duration) / 1000,
    attributes,
    events: span.logs.map(({ timestamp, fields }) => {
      const { event, ...rest } = attributesOf(fields);
      return { name: String(event), time: timestamp / 1000, attributes: rest, droppedAttributesCount: 0 };
    }),
    links: links.map(({ traceID, spanID }) => ({
      context: { traceId: traceID, spanId: spanID, traceFlags: 1 },
      attributes: {},
      droppedAttributesCount: 0,
    })),
    status: { code: status === "ERROR" ? 2 : 0 },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

/** Jaeger repeats a failed status as the tag `error`; that one is its own. */
function attributesOf(tags: readonly JaegerTag[]): Attributes {
  const own = tags.filter(({ key }) => key !== "error");
  return Object.fromEntries(own.map(({ key, value }) => [key, value as AttributeValue]));
}
