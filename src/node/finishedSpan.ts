/** Spans that have ended, as they are exported. */
import type { Attributes as SdkAttributes, Span as ApiSpan } from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { admit, AttributeCollector, type AttributeRules } from "../core/attributes.js";
import type { NodeSpan } from "./nodeSpan.js";
import { sdkAttributes } from "./sdkValue.js";

/** The span with the rules, by that of the SDK: processors are given the latter. */
const outerSpans = new WeakMap<object, NodeSpan>();

/** Notes which span has the rules of one of the SDK's. */
export function rememberOuter(inner: ApiSpan, outer: NodeSpan): void {
  outerSpans.set(inner, outer);
}

/** A span of this server: the SDK's record, and what only the span with the rules knows. */
export function finishedSpan(span: ReadableSpan): ReadableSpan {
  const outer = outerSpans.get(span);
  if (outer === undefined) return span;
  const droppedAttributesCount = span.droppedAttributesCount + outer.refusedAttributes;
  return { ...membersOf(span), spanContext: () => outer.spanContext(), droppedAttributesCount };
}

/**
 * A copy of somebody else's span for export, every value as the rules admit it. The span itself belongs to other
 * processors as well.
 */
export function redactedSpan(span: ReadableSpan, rules: AttributeRules): ReadableSpan {
  const own = redacted(span.attributes, rules);
  const message = admit("status.message", span.status.message, rules);
  const { code } = span.status;
  return {
    ...membersOf(span),
    attributes: own.attributes,
    droppedAttributesCount: span.droppedAttributesCount + own.dropped,
    events: span.events.map((event) => ({ ...event, ...counted(event, rules) })),
    links: span.links.map((link) => ({ ...link, ...counted(link, rules) })),
    status: typeof message === "string" ? { code, message } : { code },
  };
}

/** Of an event or a link. */
function counted(
  part: { readonly attributes?: SdkAttributes; readonly droppedAttributesCount?: number },
  rules: AttributeRules,
): { attributes: SdkAttributes; droppedAttributesCount: number } {
  const { attributes, dropped } = redacted(part.attributes, rules);
  return { attributes, droppedAttributesCount: (part.droppedAttributesCount ?? 0) + dropped };
}

function redacted(
  given: SdkAttributes | undefined,
  rules: AttributeRules,
): { attributes: SdkAttributes; dropped: number } {
  const { attributes, droppedAttributesCount } = new AttributeCollector(Infinity, rules, given);
  return { attributes: sdkAttributes(attributes), dropped: droppedAttributesCount };
}

/** Spelled out: spreading an instance leaves out what its class defines. */
function membersOf(span: ReadableSpan): ReadableSpan {
  return {
    name: span.name,
    kind: span.kind,
    spanContext: () => span.spanContext(),
    ...(span.parentSpanContext === undefined ? {} : { parentSpanContext: span.parentSpanContext }),
    startTime: span.startTime,
    endTime: span.endTime,
    status: span.status,
    attributes: span.attributes,
    links: span.links,
    events: span.events,
    duration: span.duration,
    ended: span.ended,
    resource: span.resource,
    instrumentationScope: span.instrumentationScope,
    droppedAttributesCount: span.droppedAttributesCount,
    droppedEventsCount: span.droppedEventsCount,
    droppedLinksCount: span.droppedLinksCount,
  };
}
