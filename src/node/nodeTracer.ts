/** The tracers of a server: what is recorded, and as whose child. */
import {
  context as contextApi,
  type Context,
  INVALID_SPAN_CONTEXT,
  type Span as ApiSpan,
  type SpanContext,
  type SpanOptions,
  trace,
  type Tracer,
  type TracerProvider,
} from "@opentelemetry/api";
import { callScopeOf } from "../core/activeCall.js";
import { newTraceId } from "../core/ids.js";
import { SUPPRESS_KEY } from "../core/otelGlobal.js";
import type { RecordPlan } from "../core/plan.js";
import type { CallScope } from "../core/ports.js";
import { FLAG_RANDOM, FLAG_SAMPLED } from "../core/recorder.js";
import { noteEntrySpan } from "../core/requestSpan.js";
import { nameOf } from "../core/span.js";
import type { InstrumentationScope } from "../core/types.js";
import { SCOPE_NAME } from "../semconv/version.js";
import { type EntryRules, planEntry } from "./entryPlan.js";
import { NodeSpan, type Recording, type SpanPlace, type SpanRules } from "./nodeSpan.js";
import { otelContextOf } from "./otelContextOf.js";
import { random } from "./random.js";
import { samplingName } from "./samplingName.js";

/** What tracers share. */
export interface NodeTracing extends EntryRules, Recording {
  readonly rules: SpanRules;
}

/** The provider to register with `@opentelemetry/api`. */
export function nodeTracerProvider(tracing: NodeTracing): TracerProvider {
  const own = new NodeTracer(tracing, undefined);
  const tracers = new Map<string, Tracer>();
  return {
    getTracer(name, version, options) {
      // `withSpan` asks for its tracer with every span, and by name only: in Convex the version costs bytes.
      if (name === SCOPE_NAME && version === undefined) return own;
      const scope = scopeOf(name, version, options?.schemaUrl);
      const key = JSON.stringify(scope);
      let tracer = tracers.get(key);
      if (tracer === undefined) tracers.set(key, (tracer = new NodeTracer(tracing, scope)));
      return tracer;
    },
  };
}

function scopeOf(name: unknown, version: string | undefined, schemaUrl: string | undefined): InstrumentationScope {
  return {
    // As specified: what has no name gets an empty one.
    name: typeof name === "string" ? name : "",
    ...(version === undefined ? {} : { version }),
    ...(schemaUrl === undefined ? {} : { schemaUrl }),
  };
}

class NodeTracer implements Tracer {
  readonly #tracing: NodeTracing;
  readonly #scope: InstrumentationScope | undefined;

  constructor(tracing: NodeTracing, scope: InstrumentationScope | undefined) {
    this.#tracing = tracing;
    this.#scope = scope;
  }

  startSpan(name: string, options: SpanOptions = {}, context: Context = contextApi.active()): ApiSpan {
    if (context.getValue(SUPPRESS_KEY) === true) return trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
    const parent = trace.getSpan(context);
    if (options.root !== true) {
      // Recorded below what is recorded; below what only stands for an identity, the same.
      if (parent instanceof NodeSpan) return new NodeSpan(this.#tracing, this.#scope, parent, name, options);
      if (callScopeOf(parent) !== undefined && parent?.isRecording() === false) return parent;
    }
    return this.#startEntry(parent, name, options, context);
  }

  startActiveSpan(name: string, ...rest: readonly unknown[]): never {
    const fn = rest.at(-1) as (span: ApiSpan) => never;
    const [options, given] = rest.slice(0, -1) as [SpanOptions?, Context?];
    const context = given ?? contextApi.active();
    const span = this.startSpan(name, options, context);
    return contextApi.with(trace.setSpan(context, span), fn, undefined, span);
  }

  #startEntry(parent: ApiSpan | undefined, name: string, options: SpanOptions, context: Context): ApiSpan {
    const tracing = this.#tracing;
    const sampledAs = samplingName(nameOf(name), options.attributes);
    const { plan, callScope } = planEntry(tracing, sampledAs, parent, context);
    if (plan.mode === "pass") return unrecordedSpan(otelContextOf(plan.context ?? INVALID_SPAN_CONTEXT), callScope);
    const span = new NodeSpan(tracing, this.#scope, placeOf(plan, callScope), name, options);
    noteEntrySpan(callScope, span);
    for (const { context: linked } of plan.links) span.addLink({ context: otelContextOf(linked) });
    return span;
  }
}

/** Of a span that enters. A trace id that the sampler needed is known already. */
function placeOf({ parent, traceId }: RecordPlan, callScope: CallScope): SpanPlace {
  const isRandom = parent === undefined || (parent.traceFlags & FLAG_RANDOM) !== 0;
  return {
    callScope,
    traceId: parent?.traceId ?? traceId ?? newTraceId(random),
    spanId: parent?.spanId,
    traceFlags: FLAG_SAMPLED | (isRandom ? FLAG_RANDOM : 0),
    ...(parent?.traceState === undefined ? {} : { traceState: parent.traceState }),
    isRemote: parent?.isRemote === true,
  };
}

/** A span that stands for an identity, and for the call it is part of. */
function unrecordedSpan(context: SpanContext, callScope: CallScope): ApiSpan {
  return Object.assign(trace.wrapSpanContext(context), { callScope });
}
