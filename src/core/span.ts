/**
 * A span while it is recorded, with the semantics of the OpenTelemetry specification: limits with counts of what they
 * dropped, end once, nothing after the end, no exception ever.
 */
import { AttributeCollector, type AttributeRules, admit } from "./attributes.js";
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
import {
  CONVEX_TELEMETRY_UNFINISHED,
  EXCEPTION_MESSAGE,
  EXCEPTION_STACKTRACE,
  EXCEPTION_TYPE,
} from "../semconv/attributes.js";

/** What a span needs from the recorder that owns it. */
export interface SpanOwner {
  /** The span of the call itself. */
  readonly entry: RecordingSpan;
  readonly limits: SpanLimits;
  readonly rules: AttributeRules;
  now(): number;
  newSpanId(): string;
  /** What all spans of the call share. */
  trace(): TraceIdentity;
  startChild(parent: RecordingSpan, name: string, options?: ChildOptions): CallSpan;
  claimError(thrown: unknown): boolean;
}

/** The part of a span context that is the same for all spans of a call. */
export type TraceIdentity = Pick<SpanContext, "traceId" | "traceFlags" | "traceState">;

/** How a call ended, for its spans. */
export interface CallEnd {
  readonly trace: TraceIdentity;
  /** Milliseconds since the Unix epoch: the end of what is still open. */
  readonly endTime: number;
  /** Set on every span. */
  readonly attributes: Attributes | undefined;
  /** The span of another process or call that is the parent here, if there is one. */
  readonly remoteParentId: string | undefined;
  /** True if the entry span is left out: its children hang on the remote parent. */
  readonly isElided: boolean;
}

type Draft = { -readonly [Name in keyof SpanRecord]: SpanRecord[Name] };

// Most spans have neither events nor links, and no status: what they share costs each of them nothing.
const NONE: readonly never[] = Object.freeze([]);
const UNSET: SpanStatus = Object.freeze({ code: 0 });

/** A span that is being recorded. */
export class RecordingSpan extends AttributeCollector implements CallSpan {
  readonly startTime: number;
  kind: SpanKind;
  #name: string;
  #id: string | undefined;
  #endTime: number | undefined;
  #status = UNSET;
  readonly #scope: InstrumentationScope | undefined;
  // True once the identity was handed out: such a span must be exported, or its children elsewhere would dangle.
  #isHandedOn = false;
  readonly #owner: SpanOwner;
  readonly #parent: RecordingSpan | undefined;
  #events: EventRecord[] | undefined;
  #links: LinkRecord[] | undefined;
  #droppedEvents = 0;
  #droppedLinks = 0;

  constructor(owner: SpanOwner, parent: RecordingSpan | undefined, name: string, options: ChildOptions = {}) {
    super(owner.limits.attributeCount, owner.rules, options.attributes);
    this.#owner = owner;
    this.#parent = parent;
    this.#name = nameOf(name);
    this.kind = options.kind ?? "internal";
    this.#scope = options.scope;
    this.startTime = toMillis(options.startTime) ?? owner.now();
    if (options.links !== undefined) this.addLinks(options.links);
  }

  /** The span id, made when first asked for. */
  get id(): string {
    return (this.#id ??= this.#owner.newSpanId());
  }

  /** Whether anything but time was recorded on it. */
  get isTouched(): boolean {
    const attributes = Object.keys(this.attributes).length + this.droppedAttributesCount;
    return this.#isHandedOn || attributes > 0 || (this.#events ?? this.#links) !== undefined || this.#status !== UNSET;
  }

  get hasFailed(): boolean {
    return this.#status.code === 2;
  }

  spanContext(): SpanContext {
    this.#isHandedOn = true;
    const { traceId, traceFlags, traceState } = this.#owner.trace();
    const context = { traceId, spanId: this.id, traceFlags };
    return traceState === undefined ? context : { ...context, traceState };
  }

  isRecording(): boolean {
    return this.#endTime === undefined;
  }

  setAttribute(name: string, value: AttributeValue): this {
    if (this.isRecording()) this.set(name, value);
    return this;
  }

  setAttributes(attributes: Attributes): this {
    if (this.isRecording()) this.setAll(attributes);
    return this;
  }

  addEvent(name: string, attributesOrTime?: Attributes | TimeInput, time?: TimeInput): this {
    if (!this.isRecording()) return this;
    const { limits, rules } = this.#owner;
    const timeGiven = toMillis(attributesOrTime);
    const attributes = timeGiven === undefined ? (attributesOrTime as Attributes | undefined) : undefined;
    const collector = new AttributeCollector(limits.attributePerEventCount, rules, attributes);
    const events = (this.#events ??= []);
    events.push({
      name: nameOf(name),
      time: timeGiven ?? toMillis(time) ?? this.#owner.now(),
      // One by one, also in links: spreading an instance takes twenty times as long.
      attributes: collector.attributes,
      droppedAttributesCount: collector.droppedAttributesCount,
    });
    this.#droppedEvents += dropOldest(events, limits.eventCount);
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

  /** Adds a link, also to a span that has ended: the recorder has one to add when the call ends. */
  completeLink(link: Link): void {
    const { limits, rules } = this.#owner;
    const collector = new AttributeCollector(limits.attributePerLinkCount, rules, link.attributes);
    const links = (this.#links ??= []);
    links.push({
      context: link.context,
      attributes: collector.attributes,
      droppedAttributesCount: collector.droppedAttributesCount,
    });
    this.#droppedLinks += dropOldest(links, limits.linkCount);
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
    this.addEvent(
      "exception",
      { [EXCEPTION_TYPE]: name, [EXCEPTION_MESSAGE]: message, [EXCEPTION_STACKTRACE]: stack },
      time,
    );
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

  /** The finished span; ended with the call if it is still open. */
  finish({ trace, endTime, attributes, remoteParentId, isElided }: CallEnd): SpanRecord {
    const { entry } = this.#owner;
    if (this.isRecording() && this !== entry) this.set(CONVEX_TELEMETRY_UNFINISHED, true);
    this.setAll(attributes);
    this.end(endTime);
    const parent = isElided && this.#parent === entry ? undefined : this.#parent;
    const parentSpanId = parent === undefined ? remoteParentId : parent.id;
    const record: Draft = {
      name: this.#name,
      kind: this.kind,
      traceId: trace.traceId,
      spanId: this.id,
      traceFlags: trace.traceFlags,
      parentIsRemote: parent === undefined && parentSpanId !== undefined,
      startTime: this.startTime,
      endTime: this.#endTime ?? endTime,
      attributes: this.attributes,
      events: this.#events ?? NONE,
      links: this.#links ?? NONE,
      status: this.#status,
      droppedAttributesCount: this.droppedAttributesCount,
      droppedEventsCount: this.#droppedEvents,
      droppedLinksCount: this.#droppedLinks,
    };
    // Set afterwards: conditional spreads took as long as all the rest.
    if (parentSpanId !== undefined) record.parentSpanId = parentSpanId;
    if (trace.traceState !== undefined) record.traceState = trace.traceState;
    if (this.#scope !== undefined) record.scope = this.#scope;
    if (this.#isHandedOn) record.isHandedOn = true;
    return record;
  }
}

/**
 * Names are text; what plain JavaScript passes in place of one may not even have a text form. And a backend may refuse all
 * spans of a request for one without a name.
 */
export function nameOf(name: unknown): string {
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
