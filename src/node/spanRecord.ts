/** Spans of the OpenTelemetry SDK as the plain data that this library encodes, every value as the rules admit it. */
import type { Attributes as SdkAttributes, HrTime, SpanContext } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { admit, AttributeCollector, type AttributeRules } from "../core/attributes.js";
import { withTextState } from "../core/traceState.js";
import type { Attributes, SpanContext as OwnSpanContext, SpanKind, SpanRecord, SpanStatus } from "../core/types.js";

/** `SpanKind` of the API counts from 0, in this order. */
const KINDS: readonly SpanKind[] = ["internal", "server", "client", "producer", "consumer"];

/** A finished span of another set-up. It stays as it is: other processors have it, too. */
export function spanRecord(span: ReadableSpan, rules: AttributeRules): SpanRecord {
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
    ...admitted(span, rules),
    events: span.events.map((event) => ({ name: event.name, time: millis(event.time), ...admitted(event, rules) })),
    links: span.links.map((link) => ({ context: ownContext(link.context), ...admitted(link, rules) })),
    status: admittedStatus(span.status, rules),
    droppedEventsCount: span.droppedEventsCount,
    droppedLinksCount: span.droppedLinksCount,
    scope: {
      name: scope,
      ...(version === undefined ? {} : { version }),
      ...(schemaUrl === undefined ? {} : { schemaUrl }),
    },
  };
}

/** The attributes of a span, an event or a link. */
function admitted(
  part: { readonly attributes?: SdkAttributes; readonly droppedAttributesCount?: number },
  rules: AttributeRules,
): { attributes: Attributes; droppedAttributesCount: number } {
  const { attributes, droppedAttributesCount } = new AttributeCollector(Infinity, rules, part.attributes);
  return { attributes, droppedAttributesCount: droppedAttributesCount + (part.droppedAttributesCount ?? 0) };
}

function admittedStatus({ code, message }: ReadableSpan["status"], rules: AttributeRules): SpanStatus {
  const text = admit("status.message", message, rules);
  return typeof text === "string" ? { code, message: text } : { code };
}

function ownContext(context: SpanContext): OwnSpanContext {
  const own: object = context;
  return withTextState(own as OwnSpanContext);
}

function millis([seconds, nanos]: HrTime): number {
  return seconds * 1000 + nanos / 1e6;
}
