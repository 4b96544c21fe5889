/**
 * A span of the OpenTelemetry SDK, behind the rules that hold for every span of this library: what may be an attribute, what
 * the redaction hook sees and when, what is counted as dropped, how something thrown is described. The SDK's span keeps
 * the record, its own limits and the clock; without these rules it drops what it does not know uncounted, trusts what
 * it is given, and passes exceptions on as they are.
 */
import {
  type Attributes as SdkAttributes,
  type Link as SdkLink,
  type Span as ApiSpan,
  type SpanContext,
  SpanStatusCode,
  type TimeInput,
} from "@opentelemetry/api";
import type { ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { admit, AttributeCollector, type AttributeRules } from "../core/attributes.js";
import { describeError } from "../core/errors.js";
import type { SpanLimits } from "../core/limits.js";
import type { CallScope, Clock } from "../core/ports.js";
import { nameOf, toMillis } from "../core/span.js";
import type { Attributes, SpanContext as OwnSpanContext } from "../core/types.js";
import { formatTraceparent } from "../propagation/traceparent.js";
import { CORRELATION_ID, EXCEPTION_MESSAGE, EXCEPTION_STACKTRACE, EXCEPTION_TYPE } from "../semconv/attributes.js";
import { otelContextOf } from "./otelContextOf.js";
import { sdkAttributes, sdkValue, wellFormed } from "./sdkValue.js";

/** What holds for every span. */
export interface SpanRules {
  readonly limits: SpanLimits;
  readonly attributes: AttributeRules;
  readonly clock: Clock;
}

/** A span of the SDK, or one that only stands for an identity and has no record. */
type InnerSpan = ApiSpan & Partial<Pick<ReadableSpan, "events" | "links">>;

/** What a span is made from. */
export interface NodeSpanParts {
  readonly inner: InnerSpan;
  /** The identity to hand on. */
  readonly context: SpanContext;
  readonly callScope: CallScope;
  readonly rules: SpanRules;
}

/** A span as programs and instrumentation libraries see it. */
export class NodeSpan implements ApiSpan {
  /** What this span is part of: see `activeCall`. */
  readonly callScope: CallScope;
  /** Attributes that did not get as far as the SDK's span: not valid, or taken out by an error of the redaction hook. */
  refusedAttributes = 0;
  readonly #inner: InnerSpan;
  readonly #context: SpanContext;
  readonly #rules: SpanRules;

  constructor({ inner, context, callScope, rules }: NodeSpanParts) {
    this.#inner = inner;
    this.#context = context;
    this.callScope = callScope;
    this.#rules = rules;
  }

  spanContext(): SpanContext {
    return this.#context;
  }

  isRecording(): boolean {
    return this.#inner.isRecording();
  }

  setAttribute(name: string, value: unknown): this {
    if (value === undefined || value === null || !this.isRecording()) return this;
    const isLegal = typeof name === "string" && name !== "" && name !== "__proto__";
    const admitted = isLegal ? admit(name, value, this.#rules.attributes) : undefined;
    if (admitted === undefined) this.refusedAttributes++;
    else this.#inner.setAttribute(name, sdkValue(admitted));
    return this;
  }

  setAttributes(attributes: SdkAttributes | Attributes | undefined): this {
    if (typeof attributes !== "object" || attributes === null) return this;
    try {
      for (const name of Object.keys(attributes)) this.setAttribute(name, attributes[name]);
    } catch {
      // A getter or proxy of the caller threw: what came before it is kept.
      this.refusedAttributes++;
    }
    return this;
  }

  addEvent(name: string, attributesOrTime?: SdkAttributes | Attributes | TimeInput, time?: TimeInput): this {
    if (!this.isRecording()) return this;
    const isTime = toMillis(attributesOrTime) !== undefined;
    const { limits, attributes: rules } = this.#rules;
    const given = isTime ? undefined : (attributesOrTime as Attributes | undefined);
    const { attributes, droppedAttributesCount } = new AttributeCollector(limits.attributePerEventCount, rules, given);
    const at = timeOr(isTime ? (attributesOrTime as TimeInput) : time, this.#rules.clock);
    this.#inner.addEvent(wellFormed(nameOf(name)), sdkAttributes(attributes), at);
    this.#count("events", droppedAttributesCount);
    return this;
  }

  addLink(link: SdkLink): this {
    const context = Object(link?.context) as OwnSpanContext;
    // One without ids would make the exporter throw, and cost the whole batch.
    if (!this.isRecording() || formatTraceparent(context) === undefined) return this;
    const { limits, attributes: rules } = this.#rules;
    const collector = new AttributeCollector(limits.attributePerLinkCount, rules, link.attributes);
    this.#inner.addLink({ context: otelContextOf(context), attributes: sdkAttributes(collector.attributes) });
    this.#count("links", collector.droppedAttributesCount);
    return this;
  }

  addLinks(links: readonly SdkLink[]): this {
    for (const link of links) this.addLink(link);
    return this;
  }

  setStatus({ code, message }: { readonly code: number; readonly message?: string | undefined }): this {
    if (code === 1) this.#inner.setStatus({ code: SpanStatusCode.OK });
    if (code !== 2) return this;
    const admitted = admit("status.message", message, this.#rules.attributes);
    const text = typeof admitted === "string" ? { message: wellFormed(admitted) } : {};
    this.#inner.setStatus({ code: SpanStatusCode.ERROR, ...text });
    return this;
  }

  updateName(name: string): this {
    if (this.isRecording()) this.#inner.updateName(wellFormed(nameOf(name)));
    return this;
  }

  recordException(exception: unknown, time?: TimeInput): void {
    const { name, message, stack } = describeError(exception);
    const attributes = { [EXCEPTION_TYPE]: name, [EXCEPTION_MESSAGE]: message, [EXCEPTION_STACKTRACE]: stack };
    this.addEvent("exception", attributes, time);
  }

  end(time?: TimeInput): void {
    if (!this.isRecording()) return;
    this.setAttribute(CORRELATION_ID, this.callScope.correlationId);
    this.#inner.end(timeOr(time, this.#rules.clock));
  }

  /** Notes what the newest event or link lost before the SDK saw it, where its limits left that one in. */
  #count(list: "events" | "links", dropped: number): void {
    const newest = dropped === 0 ? undefined : this.#inner[list]?.at(-1);
    if (newest !== undefined) newest.droppedAttributesCount = dropped;
  }
}

/** A time as the SDK takes it: now, for what is none. */
export function timeOr(time: TimeInput | undefined, clock: Clock): TimeInput {
  return time === undefined || toMillis(time) === undefined ? clock.now() : time;
}
