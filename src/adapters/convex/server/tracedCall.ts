/**
 * One traced execution of a mutation, action or HTTP action: its recorder (or the context it merely hands on), what its
 * callees are given, and its place in the context store.
 */
import type { ActiveContext, AiContent, CallScope, ContextStore } from "../../../core/ports.js";
import type { CallPlan } from "../../../core/plan.js";
import type { Recorder } from "../../../core/recorder.js";
import { covers } from "../../../core/sampler.js";
import type { CallSpan } from "../../../core/callSpan.js";
import { nonRecordingSpan } from "../../../core/nonRecordingSpan.js";
import type { SpanContext, SpanOptions } from "../../../core/types.js";
import { type Carrier, encodeCarrier } from "../../../propagation/carrier.js";
import { CORRELATION_BAGGAGE_KEY } from "../../../propagation/correlation.js";
import type { Lineage } from "../../../propagation/lineage.js";
import { type Callee, describeCallee } from "./functionName.js";
import type { CallClock } from "./platform.js";

/** What a call is made of. */
export interface TracedCallParts {
  readonly plan: CallPlan;
  readonly clock: CallClock;
  readonly store: ContextStore;
  /** Makes the recorder of a call that is recorded. */
  readonly newRecorder: (plan: Extract<CallPlan, { mode: "record" }>) => Recorder;
  readonly correlationId: string | undefined;
  /** False where callees are given no carrier (`CONVEX_OTEL_PROPAGATE=off`). */
  readonly propagates: boolean;
  /** Patterns of functions that would reject a carrier. */
  readonly uninstrumented: readonly string[];
}

/** How the callee relates to the call; see {@link Lineage}. */
export interface CalleeEdge {
  readonly edge: NonNullable<Lineage["edge"]>;
  readonly path: string;
  readonly dueTime?: number;
}

/** A traced execution. */
export class TracedCall implements CallScope {
  readonly hops: number;
  readonly rootStartTime: number;
  readonly clock: CallClock;
  /** Absent while nothing is recorded. */
  readonly recorder: Recorder | undefined;
  aiContent: AiContent | undefined;
  correlationId: string | undefined;
  readonly #propagates: boolean;
  readonly #uninstrumented: readonly string[];
  readonly #store: ContextStore;
  readonly #passed: SpanContext | undefined;
  #newCorrelationId: (() => string) | undefined;

  constructor({ plan, clock, store, newRecorder, ...rest }: TracedCallParts) {
    this.clock = clock;
    this.correlationId = rest.correlationId;
    this.#propagates = rest.propagates;
    this.#uninstrumented = rest.uninstrumented;
    this.#store = store;
    this.recorder = plan.mode === "record" ? newRecorder(plan) : undefined;
    this.#passed = plan.mode === "pass" ? plan.context : undefined;
    this.hops = plan.origin?.hops ?? 0;
    this.rootStartTime = plan.origin?.rootStartTime ?? this.recorder?.entry.startTime ?? clock.now();
  }

  /** The span of this call itself, or one that stands for what it passes on. */
  get entry(): CallSpan | undefined {
    return this.recorder?.entry ?? (this.#passed && nonRecordingSpan(this.#passed));
  }

  /** Runs `fn` as this call: what it traces is recorded here. */
  run<T>(fn: () => T): T {
    return this.#store.run({ span: this.entry, call: this } satisfies ActiveContext, fn);
  }

  /**
   * Runs `fn` outside of this call. Convex never lets `AsyncLocalStorage` cross `ctx.run*` or the scheduler; test
   * runtimes do, and would record one function's spans in another.
   */
  outside<T>(fn: () => T): T {
    return this.#store.run(undefined, fn);
  }

  /** Runs functions as this call and in the asynchronous context of now, whoever calls them and when. */
  capture(): <T>(fn: () => T) => T {
    const inContext = this.#store.capture();
    return (fn) => inContext(() => this.run(fn));
  }

  /** The active span of this call: the entry span where another call, or none, is active. */
  get activeSpan(): CallSpan | undefined {
    const context = this.#store.active();
    return context?.call === this ? context.span : this.entry;
  }

  /** Starts a child of the active span; undefined while tracing is suppressed. */
  startSpan(name: string, options: SpanOptions): CallSpan | undefined {
    return this.activeSpan?.startChild(name, options);
  }

  /** What a reference names. */
  describe(reference: unknown): Callee {
    return describeCallee(reference);
  }

  /** Sets where a correlation id comes from when one is needed and nobody has given one. */
  nameBy(newId: () => string): void {
    this.#newCorrelationId = newId;
  }

  /** The correlation id; made now if this call makes its own. */
  ensureCorrelationId(): string | undefined {
    return (this.correlationId ??= this.#newCorrelationId?.());
  }

  /** Whether the function of this path accepts a carrier. */
  accepts(path: string): boolean {
    return !this.#uninstrumented.some((pattern) => covers(pattern, path));
  }

  /** What a callee is given, so that it continues from `span`. Nothing if there is nothing to continue. */
  carrierFor(span: CallSpan, { edge, path, dueTime }: CalleeEdge): Carrier | undefined {
    if (!this.#propagates || (this.recorder === undefined && this.#passed === undefined)) return undefined;
    const lineage: Lineage = {
      hops: this.hops + (edge === "scheduled" ? 1 : 0),
      rootStartTime: this.rootStartTime,
      // A caller that records nothing has no span for the nested call: the callee must have its own.
      edge: edge === "nested" && !span.isRecording() ? "call" : edge,
      callerTime: this.clock.now(),
      callee: path,
      ...(dueTime === undefined ? {} : { dueTime }),
    };
    const carrier = encodeCarrier({ spanContext: span.spanContext(), lineage, baggage: this.#baggage() });
    return carrier.traceparent === undefined ? undefined : carrier;
  }

  #baggage() {
    const id = this.ensureCorrelationId();
    return id === undefined ? [] : [{ key: CORRELATION_BAGGAGE_KEY, value: id }];
  }
}
