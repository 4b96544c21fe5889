/**
 * A span of a server while it is recorded, and its own record once it has ended. Not one of the OpenTelemetry SDK: below the
 * rules of this library, which there had to be in any case, the SDK recorded every span a second time, and that cost
 * more than all the rest (docs/node.md).
 *
 * `RecordingSpan` has the same semantics for Convex, where spans stay with their call and are made into records when that ends.
 * One table of behaviours is run against both (test/node/behaviours.ts).
 */
import type {
  Attributes as SdkAttributes,
  Link as SdkLink,
  Span as ApiSpan,
  SpanContext,
  SpanOptions,
  TimeInput,
} from "@opentelemetry/api";
import { admit, AttributeCollector, type AttributeRules } from "../core/attributes.js";
import { BEFORE_END, type EndingSpan } from "../core/beforeEnd.js";
import { describeError } from "../core/errors.js";
import { newSpanId } from "../core/ids.js";
import type { SpanLimits } from "../core/limits.js";
import type { CallScope } from "../core/ports.js";
import { nameOf, toMillis } from "../core/span.js";
import { withTextState } from "../core/traceState.js";
import type {
  Attributes,
  EventRecord,
  InstrumentationScope,
  LinkRecord,
  SpanContext as OwnSpanContext,
  SpanKind,
  SpanRecord,
  SpanStatus,
} from "../core/types.js";
import { formatTraceparent } from "../propagation/traceparent.js";
import { CORRELATION_ID, EXCEPTION_MESSAGE, EXCEPTION_STACKTRACE, EXCEPTION_TYPE } from "../semconv/attributes.js";
import { otelContextOf } from "./otelContextOf.js";
import { random } from "./random.js";
import type { WallClock } from "./wallClock.js";

/** What holds for every span. */
export interface SpanRules {
  readonly limits: SpanLimits;
  readonly attributes: AttributeRules;
  readonly clock: WallClock;
}

/** What all spans of a set-up share. */
export interface Recording {
  readonly rules: SpanRules;
  /** Gets every span when it has ended. */
  readonly onEnd: (span: SpanRecord) => void;
}

/** Where in a trace a span is: below another span of this server, one elsewhere, or none. */
export interface SpanPlace {
  /** What the span is part of: see `activeCall`. */
  readonly callScope: CallScope;
  readonly traceId: string;
  /** The span above; undefined for a root. */
  readonly spanId: string | undefined;
  readonly traceFlags: number;
  readonly traceState?: string;
  /** True if the span above is in another process. */
  readonly isRemote: boolean;
}

/** `SpanKind` of the API counts from 0, in this order. */
const KINDS: readonly SpanKind[] = ["internal", "server", "client", "producer", "consumer"];

// Most spans have neither events nor links, and no status: what they share costs each of them nothing.
const NONE: readonly never[] = Object.freeze([]);
const UNSET: SpanStatus = Object.freeze({ code: 0 });

/** A span as programs and instrumentation libraries see it; what has ended, as exporters do. */
export class NodeSpan extends AttributeCollector implements ApiSpan, EndingSpan, SpanRecord, SpanPlace {
  readonly callScope: CallScope;
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
  declare readonly traceState?: string;
  declare readonly parentSpanId?: string;
  readonly parentIsRemote: boolean;
  declare readonly scope?: InstrumentationScope;
  readonly kind: SpanKind;
  name: string;
  readonly startTime: number;
  endTime = 0;
  status = UNSET;
  droppedEventsCount = 0;
  droppedLinksCount = 0;
  [BEFORE_END]: (() => void) | undefined = undefined;
  #isEnded = false;
  #events: EventRecord[] | undefined;
  #links: LinkRecord[] | undefined;
  #context: SpanContext | undefined;
  readonly #recording: Recording;

  /** `scope`: undefined for the spans of this library. */
  constructor(
    recording: Recording,
    scope: InstrumentationScope | undefined,
    place: SpanPlace,
    name: string,
    { kind, attributes, links, startTime }: SpanOptions,
  ) {
    const { rules } = recording;
    super(rules.limits.attributeCount, rules.attributes, attributes);
    this.#recording = recording;
    this.callScope = place.callScope;
    this.traceId = place.traceId;
    this.spanId = newSpanId(random);
    this.traceFlags = place.traceFlags;
    this.parentIsRemote = place.isRemote;
    this.kind = (typeof kind === "number" ? KINDS[kind] : undefined) ?? "internal";
    this.name = nameOf(name);
    this.startTime = epochMillis(startTime, rules.clock);
    if (place.spanId !== undefined) this.parentSpanId = place.spanId;
    if (place.traceState !== undefined) this.traceState = place.traceState;
    if (scope !== undefined) this.scope = scope;
    if (links !== undefined) this.addLinks(links);
  }

  get events(): readonly EventRecord[] {
    return this.#events ?? NONE;
  }

  get links(): readonly LinkRecord[] {
    return this.#links ?? NONE;
  }

  /** To the spans below it. */
  get isRemote(): false {
    return false;
  }

  /** Always the same object, made when it is first asked for: of most spans it never is. */
  spanContext(): SpanContext {
    return (this.#context ??= this.#newContext());
  }

  isRecording(): boolean {
    return !this.#isEnded;
  }

  setAttribute(name: string, value: unknown): this {
    if (!this.#isEnded) this.set(name, value);
    return this;
  }

  setAttributes(attributes: SdkAttributes | Attributes | undefined): this {
    if (!this.#isEnded) this.setAll(attributes);
    return this;
  }

  addEvent(name: string, attributesOrTime?: SdkAttributes | Attributes | TimeInput, time?: TimeInput): this {
    if (this.#isEnded) return this;
    const { limits, attributes: rules, clock } = this.#recording.rules;
    const isTime = toMillis(attributesOrTime) !== undefined;
    const given = isTime ? undefined : (attributesOrTime as Attributes | undefined);
    const { attributes, droppedAttributesCount } = new AttributeCollector(limits.attributePerEventCount, rules, given);
    const at = epochMillis(isTime ? attributesOrTime : time, clock);
    const events = (this.#events ??= []);
    events.push({ name: nameOf(name), time: at, attributes, droppedAttributesCount });
    this.droppedEventsCount += dropOldest(events, limits.eventCount);
    return this;
  }

  addLink(link: SdkLink): this {
    const context = Object(link?.context) as OwnSpanContext;
    // One without ids may make a receiver refuse the whole request.
    if (this.#isEnded || formatTraceparent(context) === undefined) return this;
    const { limits, attributes: rules } = this.#recording.rules;
    const collector = new AttributeCollector(limits.attributePerLinkCount, rules, link.attributes);
    const { attributes, droppedAttributesCount } = collector;
    const links = (this.#links ??= []);
    links.push({ context: withTextState(context), attributes, droppedAttributesCount });
    this.droppedLinksCount += dropOldest(links, limits.linkCount);
    return this;
  }

  addLinks(links: readonly SdkLink[]): this {
    for (const link of links) this.addLink(link);
    return this;
  }

  /** As specified: `ok` is final, and `unset` never takes anything back. */
  setStatus({ code, message }: { readonly code: number; readonly message?: string | undefined }): this {
    if (this.#isEnded || (code !== 1 && code !== 2) || this.status.code === 1) return this;
    const admitted = code === 2 ? admit("status.message", message, this.#recording.rules.attributes) : undefined;
    this.status = typeof admitted === "string" ? { code, message: admitted } : { code };
    return this;
  }

  updateName(name: string): this {
    if (!this.#isEnded) this.name = nameOf(name);
    return this;
  }

  recordException(exception: unknown, time?: TimeInput): void {
    const { name, message, stack } = describeError(exception);
    const attributes = { [EXCEPTION_TYPE]: name, [EXCEPTION_MESSAGE]: message, [EXCEPTION_STACKTRACE]: stack };
    this.addEvent("exception", attributes, time);
  }

  end(time?: TimeInput): void {
    if (this.#isEnded) return;
    this[BEFORE_END]?.();
    this.set(CORRELATION_ID, this.callScope.correlationId);
    this.#isEnded = true;
    this.endTime = Math.max(this.startTime, epochMillis(time, this.#recording.rules.clock));
    this.#recording.onEnd(this);
  }

  #newContext(): SpanContext {
    const { traceId, spanId, traceFlags, traceState } = this;
    return traceState === undefined
      ? { traceId, spanId, traceFlags }
      : otelContextOf({ traceId, spanId, traceFlags, traceState });
  }
}

/** Milliseconds of a time as the API takes them: numbers may be those of `performance.now()`. Now, for what is no time. */
function epochMillis(time: unknown, clock: WallClock): number {
  const millis = time === undefined ? undefined : toMillis(time);
  if (millis === undefined) return clock.now();
  return typeof time === "number" && millis <= performance.now() ? clock.at(millis) : millis;
}

function dropOldest(items: unknown[], limit: number): number {
  if (items.length <= limit) return 0;
  items.shift();
  return 1;
}
