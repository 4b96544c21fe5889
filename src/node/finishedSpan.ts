/** Spans that have ended, as they are exported. */
import type {
  Attributes as SdkAttributes,
  HrTime,
  Span as ApiSpan,
  SpanContext,
  SpanKind,
  SpanStatus,
} from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { admit, AttributeCollector, type AttributeRules } from "../core/attributes.js";
import type { NodeSpan } from "./nodeSpan.js";
import { sdkAttributes } from "./sdkValue.js";

/** Where a span of the SDK has the one with the rules: processors are given the former. A weak map costs as much as the span. */
const OUTER = Symbol("convex-otel.outer");

type WithOuter = { [OUTER]?: NodeSpan };

/** Notes which span has the rules of one of the SDK's. */
export function rememberOuter(inner: ApiSpan, outer: NodeSpan): void {
  (inner as ApiSpan & WithOuter)[OUTER] = outer;
}

/** A span of this server: the SDK's record, and what only the span with the rules knows. */
export function finishedSpan(span: ReadableSpan): ReadableSpan {
  const outer = (span as ReadableSpan & WithOuter)[OUTER];
  return outer === undefined ? span : new FinishedSpan(span, outer);
}

/** A view: copying every span would cost more than recording it. */
class FinishedSpan implements ReadableSpan {
  /** Absent on a root, so no getter. */
  declare readonly parentSpanContext?: SpanContext;
  readonly #inner: ReadableSpan;
  readonly #outer: NodeSpan;

  constructor(inner: ReadableSpan, outer: NodeSpan) {
    this.#inner = inner;
    this.#outer = outer;
    if (inner.parentSpanContext !== undefined) this.parentSpanContext = inner.parentSpanContext;
  }

  spanContext(): SpanContext {
    return this.#outer.spanContext();
  }

  get droppedAttributesCount(): number {
    return this.#inner.droppedAttributesCount + this.#outer.refusedAttributes;
  }

  get name(): string {
    return this.#inner.name;
  }

  get kind(): SpanKind {
    return this.#inner.kind;
  }

  get startTime(): HrTime {
    return this.#inner.startTime;
  }

  get endTime(): HrTime {
    return this.#inner.endTime;
  }

  get duration(): HrTime {
    return this.#inner.duration;
  }

  get ended(): boolean {
    return this.#inner.ended;
  }

  get status(): SpanStatus {
    return this.#inner.status;
  }

  get attributes(): SdkAttributes {
    return this.#inner.attributes;
  }

  get links(): ReadableSpan["links"] {
    return this.#inner.links;
  }

  get events(): ReadableSpan["events"] {
    return this.#inner.events;
  }

  get resource(): ReadableSpan["resource"] {
    return this.#inner.resource;
  }

  get instrumentationScope(): ReadableSpan["instrumentationScope"] {
    return this.#inner.instrumentationScope;
  }

  get droppedEventsCount(): number {
    return this.#inner.droppedEventsCount;
  }

  get droppedLinksCount(): number {
    return this.#inner.droppedLinksCount;
  }
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
