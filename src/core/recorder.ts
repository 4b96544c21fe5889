/**
 * Records the spans of one execution: a Convex call, a test. Spans stay in memory, as plain data, until `finish()`
 * hands them over; nothing is exported while the program runs.
 */
import { newSpanId, newTraceId } from "./ids.js";
import { DEFAULT_LIMITS, type SpanLimits } from "./limits.js";
import type { AttributeRules, Redact } from "./attributes.js";
import type { Clock, Random } from "./ports.js";
import type { CallSpan, ChildOptions } from "./callSpan.js";
import { nonRecordingSpan } from "./nonRecordingSpan.js";
import { RecordingSpan, type SpanOwner, type TraceIdentity } from "./span.js";
import type { Attributes, SpanContext, SpanOptions, SpanRecord } from "./types.js";
import { CONVEX_TELEMETRY_DROPPED_SPANS } from "../semconv/attributes.js";

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

/** The recorder of one execution. */
export class Recorder implements SpanOwner {
  readonly limits: SpanLimits;
  readonly rules: AttributeRules;
  /** The span of the execution itself, parent of all others. */
  readonly entry: RecordingSpan;
  /** Spans not recorded because the call has too many. */
  droppedSpans = 0;
  readonly #options: RecorderOptions;
  readonly #spans: RecordingSpan[];
  readonly #claimed = new Set<unknown>();
  #isSampled: boolean;
  #traceId: string | undefined;
  #isRandom = true;

  constructor(name: string, options: RecorderOptions, span?: SpanOptions) {
    const { parent, limits = DEFAULT_LIMITS } = options;
    this.#options = options;
    this.#traceId = parent?.traceId ?? options.traceId;
    this.#isSampled = options.sampled ?? true;
    this.limits = limits;
    this.rules = { valueLength: limits.attributeValueLength, redact: options.redact };
    this.entry = new RecordingSpan(this, undefined, name, span);
    this.#spans = [this.entry];
  }

  now(): number {
    return this.#options.clock.now();
  }

  newSpanId(): string {
    return newSpanId(this.#options.random);
  }

  trace(): TraceIdentity {
    const { parent, random } = this.#options;
    const traceId = (this.#traceId ??= newTraceId(random));
    // The random flag of a continued trace stays exactly as received; a root's own trace id is random.
    const isRandom = parent === undefined ? this.#isRandom : (parent.traceFlags & FLAG_RANDOM) !== 0;
    const traceFlags = (isRandom ? FLAG_RANDOM : 0) | (this.#isSampled ? FLAG_SAMPLED : 0);
    const traceState = parent?.traceState;
    return traceState === undefined ? { traceId, traceFlags } : { traceId, traceFlags, traceState };
  }

  /** Gives a root trace an id known from elsewhere, if none was handed out yet. */
  adoptTraceId(traceId: string): void {
    if (this.#traceId !== undefined) return;
    this.#traceId = traceId;
    this.#isRandom = false;
  }

  startChild(parent: RecordingSpan, name: string, options?: ChildOptions): CallSpan {
    if (this.#spans.length >= this.limits.spanCount) {
      this.droppedSpans++;
      return nonRecordingSpan(parent.spanContext());
    }
    const span = new RecordingSpan(this, parent, name, options);
    this.#spans.push(span);
    return span;
  }

  claimError(thrown: unknown): boolean {
    return !this.#claimed.has(thrown) && this.#claimed.add(thrown) !== undefined;
  }

  /** Whether nothing was recorded but an entry span that is left out. */
  get isEmpty(): boolean {
    return this.#spans.length === 1 && !this.keepsEntry;
  }

  /** Whether the entry span will be exported. */
  get keepsEntry(): boolean {
    return this.#options.entry !== "elide" || this.droppedSpans > 0 || this.entry.isTouched;
  }

  get isSampled(): boolean {
    return this.#isSampled;
  }

  /** Ends what is still open and returns all spans, in the order they were started. */
  finish({ endTime = this.now(), attributes, upgrade = false }: FinishOptions = {}): SpanRecord[] {
    const { parent } = this.#options;
    const isElided = !this.keepsEntry;
    if (upgrade) {
      this.#isSampled = true;
      // The unsampled caller is exported by nobody: as a parent it would dangle, as a link it still tells.
      if (parent !== undefined) this.entry.completeLink({ context: parent });
    }
    if (this.droppedSpans > 0) this.entry.set(CONVEX_TELEMETRY_DROPPED_SPANS, this.droppedSpans);
    const remoteParentId = upgrade ? undefined : parent?.spanId;
    const end = { trace: this.trace(), endTime, attributes, remoteParentId, isElided };
    const spans = isElided ? this.#spans.slice(1) : this.#spans;
    return spans.map((span) => span.finish(end));
  }
}
