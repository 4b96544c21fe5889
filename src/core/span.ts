/**
 * A span while it is recorded, with the semantics of the OpenTelemetry specification: limits with counts of what they
 * dropped, end once, nothing after the end, no exception ever.
 */
import { AttributeBag, type AttributeRules, admit } from "./attributes.js";
import type { CallSpan, ChildOptions } from "./callSpan.js";
import { describeError } from "./errors.js";
import type { SpanLimits } from "./limits.js";
import type {
  Attributes,
  AttributeValue,
  EventRecord,
  InstrumentationScope,
  Link,
  LinkRecord,
  SpanContext,
  SpanKind,
  SpanRecord,
  SpanStatus,
  TimeInput,
} from "./types.js";
import { EXCEPTION_MESSAGE, EXCEPTION_STACKTRACE, EXCEPTION_TYPE } from "../semconv/attributes.js";

/** What a span needs from the recorder that owns it. */
export interface SpanOwner {
  readonly limits: SpanLimits;
  readonly rules: AttributeRules;
  now(): number;
  traceId(): string;
  traceFlags(): number;
  traceState(): string | undefined;
  newSpanId(): string;
  startChild(parent: RecordingSpan, name: string, options?: ChildOptions): CallSpan;
  claimError(thrown: unknown): boolean;
}

type Draft = { -readonly [Member in keyof SpanRecord]: SpanRecord[Member] };

/** A span that is being recorded. */
export class RecordingSpan implements CallSpan {
  readonly startTime: number;
  kind: SpanKind;
  /** True once the identity was handed out: such a span must be exported, or its children elsewhere would dangle. */
  contextRead = false;
  #name: string;
  #id: string | undefined;
  #endTime: number | undefined;
  #status: SpanStatus = { code: 0 };
  readonly #scope: InstrumentationScope | undefined;
  readonly #owner: SpanOwner;
  readonly #attributes: AttributeBag;
  readonly #events: EventRecord[] = [];
  readonly #links: LinkRecord[] = [];
  #droppedEvents = 0;
  #droppedLinks = 0;

  constructor(owner: SpanOwner, name: string, options: ChildOptions = {}) {
    this.#owner = owner;
    this.#name = nameOf(name);
    this.kind = options.kind ?? "internal";
    this.#scope = options.scope;
    this.startTime = toMillis(options.startTime) ?? owner.now();
    this.#attributes = new AttributeBag(owner.limits.attributeCount, owner.rules);
    this.#attributes.setAll(options.attributes);
    if (options.links !== undefined) this.addLinks(options.links);
  }

  /** The span id, made when first asked for. */
  get id(): string {
    return (this.#id ??= this.#owner.newSpanId());
  }

  /** Whether anything but time was recorded on it. */
  get isTouched(): boolean {
    const { values, dropped } = this.#attributes;
    const recorded = dropped + this.#events.length + this.#links.length + this.#status.code;
    return this.contextRead || recorded > 0 || Object.keys(values).length > 0;
  }

  get hasFailed(): boolean {
    return this.#status.code === 2;
  }

  spanContext(): SpanContext {
    this.contextRead = true;
    const traceState = this.#owner.traceState();
    const context = { traceId: this.#owner.traceId(), spanId: this.id, traceFlags: this.#owner.traceFlags() };
    return traceState === undefined ? context : { ...context, traceState };
  }

  isRecording(): boolean {
    return this.#endTime === undefined;
  }

  setAttribute(name: string, value: AttributeValue): this {
    if (this.isRecording()) this.#attributes.set(name, value);
    return this;
  }

  setAttributes(attributes: Attributes): this {
    if (this.isRecording()) this.#attributes.setAll(attributes);
    return this;
  }

  addEvent(name: string, attributesOrTime?: Attributes | TimeInput, time?: TimeInput): this {
    if (!this.isRecording()) return this;
    const timeGiven = toMillis(attributesOrTime);
    const attributes = timeGiven === undefined ? (attributesOrTime as Attributes | undefined) : undefined;
    const bag = new AttributeBag(this.#owner.limits.attributePerEventCount, this.#owner.rules);
    bag.setAll(attributes);
    this.#events.push({
      name: nameOf(name),
      time: timeGiven ?? toMillis(time) ?? this.#owner.now(),
      attributes: bag.values,
      droppedAttributesCount: bag.dropped,
    });
    this.#droppedEvents += dropOldest(this.#events, this.#owner.limits.eventCount);
    return this;
  }

  addLink(link: Link): this {
    if (this.isRecording() && typeof link?.context?.traceId === "string") this.completeLink(link);
    return this;
  }

  addLinks(links: readonly Link[]): this {
    for (const link of links) this.addLink(link);
    return this;
  }

  /** Attributes that the recorder adds when the call ends, also to spans that have ended before. */
  complete(attributes: Attributes): void {
    this.#attributes.setAll(attributes);
  }

  /** As {@link complete}, a link. */
  completeLink(link: Link): void {
    const bag = new AttributeBag(this.#owner.limits.attributePerLinkCount, this.#owner.rules);
    bag.setAll(link.attributes);
    this.#links.push({ context: link.context, attributes: bag.values, droppedAttributesCount: bag.dropped });
    this.#droppedLinks += dropOldest(this.#links, this.#owner.limits.linkCount);
  }

  /** As specified: `ok` is final, and `unset` never takes anything back. */
  setStatus({ code, message }: Parameters<CallSpan["setStatus"]>[0]): this {
    if (!this.isRecording() || (code !== 1 && code !== 2) || this.#status.code === 1) return this;
    const admitted = code === 2 ? admit("status.message", message, this.#owner.rules) : undefined;
    this.#status = typeof admitted === "string" ? { code, message: admitted } : { code };
    return this;
  }

  updateName(name: string): this {
    if (this.isRecording()) this.#name = nameOf(name);
    return this;
  }

  recordException(exception: unknown, time?: TimeInput): void {
    const { name, message, stack } = describeError(exception);
    const attributes: Attributes = {
      [EXCEPTION_TYPE]: name,
      [EXCEPTION_MESSAGE]: message,
      [EXCEPTION_STACKTRACE]: stack,
    };
    this.addEvent("exception", attributes, time);
  }

  end(time?: TimeInput): void {
    this.#endTime ??= Math.max(this.startTime, toMillis(time) ?? this.#owner.now());
  }

  startChild(name: string, options?: ChildOptions): CallSpan {
    return this.#owner.startChild(this, name, options);
  }

  claimError(thrown: unknown): boolean {
    return this.#owner.claimError(thrown);
  }

  /** The finished span. A span that is still open ends at `callEnd`. */
  toRecord(parent: { readonly spanId: string; readonly isRemote: boolean } | undefined, callEnd: number): SpanRecord {
    const traceState = this.#owner.traceState();
    const record: Draft = {
      name: this.#name,
      kind: this.kind,
      traceId: this.#owner.traceId(),
      spanId: this.id,
      traceFlags: this.#owner.traceFlags(),
      parentIsRemote: parent?.isRemote ?? false,
      startTime: this.startTime,
      endTime: this.#endTime ?? Math.max(this.startTime, callEnd),
      attributes: this.#attributes.values,
      events: this.#events,
      links: this.#links,
      status: this.#status,
      droppedAttributesCount: this.#attributes.dropped,
      droppedEventsCount: this.#droppedEvents,
      droppedLinksCount: this.#droppedLinks,
    };
    // Set afterwards: conditional spreads took as long as all the rest.
    if (parent !== undefined) record.parentSpanId = parent.spanId;
    if (traceState !== undefined) record.traceState = traceState;
    if (this.#scope !== undefined) record.scope = this.#scope;
    if (this.contextRead) record.isHandedOn = true;
    return record;
  }
}

/**
 * Names are text; what plain JavaScript passes in place of one may not even have a text form. And a backend may refuse all
 * spans of a request for one without a name.
 */
function nameOf(name: unknown): string {
  return name !== "" && typeof name === "string" ? name : `(${typeof name})`;
}

/** Milliseconds of a time in any accepted form, or undefined if it is none. */
export function toMillis(time: unknown): number | undefined {
  if (typeof time === "number") return Number.isFinite(time) ? time : undefined;
  if (time instanceof Date) return toMillis(time.getTime());
  if (!Array.isArray(time)) return undefined;
  const [seconds, nanos] = time as readonly unknown[];
  return typeof seconds === "number" && typeof nanos === "number" ? seconds * 1000 + nanos / 1e6 : undefined;
}

function dropOldest(items: unknown[], limit: number): number {
  if (items.length <= limit) return 0;
  items.shift();
  return 1;
}
