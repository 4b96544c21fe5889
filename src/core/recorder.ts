/**
 * Records the spans of one execution: a Convex call, a test. Spans stay in memory, as plain data, until `finish()`
 * hands them over; nothing is exported while the program runs.
 */
import { newSpanId, newTraceId } from "./ids.js";
import { DEFAULT_LIMITS, type SpanLimits } from "./limits.js";
import type { AttributeRules, Redact } from "./attributes.js";
import type { Clock, Random } from "./ports.js";
import type { CallSpan, ChildOptions } from "./callSpan.js";
import { NonRecordingSpan } from "./nonRecordingSpan.js";
import { RecordingSpan, type SpanOwner } from "./span.js";
import type { Attributes, SpanContext, SpanOptions, SpanRecord } from "./types.js";
import { CONVEX_TELEMETRY_DROPPED_SPANS, CONVEX_TELEMETRY_UNFINISHED } from "../semconv/attributes.js";

/** W3C trace flags: sampled, and "the trace id is random" (Level 2). */
export const FLAG_SAMPLED = 0x01;
export const FLAG_RANDOM = 0x02;

/** What a recorder is made of. */
export interface RecorderOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly limits?: SpanLimits;
  readonly redact?: Redact | undefined;
  /** The caller's span, in another process or call. Without it the entry span is a root. */
  readonly parent?: SpanContext | undefined;
  /** Trace id of a root, where a sampler needed it before. Made when first needed otherwise. */
  readonly traceId?: string | undefined;
  /** False for a call that is recorded only in case it is upgraded at its end. @defaultValue true */
  readonly sampled?: boolean;
  /**
   * What becomes of the entry span. `elide` leaves it out if nothing was recorded on it, and its children hang on the
   * caller's span: the caller has a span for this very call already. @defaultValue `"keep"`
   */
  readonly entry?: "keep" | "elide";
}

/** How a recording ended. */
export interface FinishOptions {
  /** End of what is still open, in milliseconds since the Unix epoch. @defaultValue now */
  readonly endTime?: number;
  /** Set on every span. */
  readonly attributes?: Attributes;
  /** Sets the sampled flag on spans that were recorded without it, and cuts the parent nobody will have exported. */
  readonly upgrade?: boolean;
}

interface Node {
  readonly span: RecordingSpan;
  readonly parent: RecordingSpan | undefined;
}

/** The recorder of one execution. */
export class Recorder implements SpanOwner {
  readonly limits: SpanLimits;
  readonly rules: AttributeRules;
  /** The span of the execution itself, parent of all others. */
  readonly entry: RecordingSpan;
  /** Spans not recorded because the call has too many. */
  droppedSpans = 0;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #parent: SpanContext | undefined;
  readonly #nodes: Node[] = [];
  readonly #claimed = new Set<unknown>();
  readonly #entryMode: "keep" | "elide";
  #sampled: boolean;
  #traceId: string | undefined;
  #isRandom = true;

  constructor(name: string, options: RecorderOptions, span?: SpanOptions) {
    this.#clock = options.clock;
    this.#random = options.random;
    this.#parent = options.parent;
    this.#traceId = options.parent?.traceId ?? options.traceId;
    this.#sampled = options.sampled ?? true;
    this.#entryMode = options.entry ?? "keep";
    this.limits = options.limits ?? DEFAULT_LIMITS;
    this.rules = { valueLength: this.limits.attributeValueLength, redact: options.redact };
    this.entry = new RecordingSpan(this, name, span);
    this.#nodes.push({ span: this.entry, parent: undefined });
  }

  now(): number {
    return this.#clock.now();
  }

  traceId(): string {
    return (this.#traceId ??= newTraceId(this.#random));
  }

  /** The random flag of a continued trace stays exactly as received; a root's own trace id is random. */
  traceFlags(): number {
    const random = this.#parent === undefined ? this.#isRandom : (this.#parent.traceFlags & FLAG_RANDOM) !== 0;
    return (random ? FLAG_RANDOM : 0) | (this.#sampled ? FLAG_SAMPLED : 0);
  }

  traceState(): string | undefined {
    return this.#parent?.traceState;
  }

  newSpanId(): string {
    return newSpanId(this.#random);
  }

  /** Gives a root trace an id known from elsewhere, if none was handed out yet. */
  adoptTraceId(traceId: string): void {
    if (this.#traceId !== undefined) return;
    this.#traceId = traceId;
    this.#isRandom = false;
  }

  startChild(parent: RecordingSpan, name: string, options?: ChildOptions): CallSpan {
    if (this.#nodes.length >= this.limits.spanCount) {
      this.droppedSpans++;
      return new NonRecordingSpan(parent.spanContext());
    }
    const span = new RecordingSpan(this, name, options);
    this.#nodes.push({ span, parent });
    return span;
  }

  claimError(thrown: unknown): boolean {
    if (this.#claimed.has(thrown)) return false;
    this.#claimed.add(thrown);
    return true;
  }

  /** Whether nothing was recorded but an entry span that is left out. */
  get isEmpty(): boolean {
    return this.#nodes.length === 1 && !this.keepsEntry;
  }

  /** Whether the entry span will be exported. */
  get keepsEntry(): boolean {
    return !this.#elides();
  }

  get isSampled(): boolean {
    return this.#sampled;
  }

  /** Ends what is still open and returns all spans, in the order they were started. */
  finish(options: FinishOptions = {}): SpanRecord[] {
    const end = options.endTime ?? this.now();
    const elided = this.#elides();
    if (options.upgrade === true) this.#upgrade();
    this.#closeOpenSpans(end, options.attributes);
    const remote = this.#remoteParent(options.upgrade === true);
    const records: SpanRecord[] = [];
    for (const { span, parent } of this.#nodes) {
      if (span === this.entry && elided) continue;
      const isTop = parent === undefined || (elided && parent === this.entry);
      records.push(span.toRecord(isTop ? remote : { spanId: parent.id, isRemote: false }, end));
    }
    return records;
  }

  #elides(): boolean {
    return this.#entryMode === "elide" && this.droppedSpans === 0 && !this.entry.isTouched;
  }

  /** The unsampled caller is exported by nobody: as a parent it would dangle, as a link it still tells. */
  #upgrade(): void {
    this.#sampled = true;
    if (this.#parent !== undefined) this.entry.completeLink({ context: this.#parent });
  }

  #closeOpenSpans(end: number, attributes: Attributes | undefined): void {
    if (this.droppedSpans > 0) this.entry.complete({ [CONVEX_TELEMETRY_DROPPED_SPANS]: this.droppedSpans });
    for (const { span } of this.#nodes) {
      if (attributes !== undefined) span.complete(attributes);
      if (!span.isRecording()) continue;
      if (span !== this.entry) span.complete({ [CONVEX_TELEMETRY_UNFINISHED]: true });
      span.end(end);
    }
  }

  #remoteParent(isUpgraded: boolean): { spanId: string; isRemote: boolean } | undefined {
    if (this.#parent === undefined || isUpgraded) return undefined;
    return { spanId: this.#parent.spanId, isRemote: true };
  }
}
