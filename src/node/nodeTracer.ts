/**
 * The tracers of a server: each is one of the OpenTelemetry SDK, with this library deciding what is recorded and as whose child,
 * and its rules in front of every span.
 */
import {
  context as contextApi,
  type Context,
  INVALID_SPAN_CONTEXT,
  type Span as ApiSpan,
  type SpanContext,
  type SpanKind,
  type SpanOptions,
  trace,
  type Tracer,
  type TracerOptions,
  type TracerProvider,
} from "@opentelemetry/api";
import { callScopeOf } from "../core/activeCall.js";
import { SUPPRESS_KEY } from "../core/otelGlobal.js";
import type { RecordPlan } from "../core/plan.js";
import type { CallScope } from "../core/ports.js";
import { FLAG_RANDOM, FLAG_SAMPLED } from "../core/recorder.js";
import { noteEntrySpan } from "../core/requestSpan.js";
import { nameOf } from "../core/span.js";
import { SCHEMA_URL, SCOPE_NAME, VERSION } from "../semconv/version.js";
import { type EntryRules, planEntry } from "./entryPlan.js";
import { rememberOuter } from "./finishedSpan.js";
import { NodeSpan, type SpanRules, timeOr } from "./nodeSpan.js";
import { otelContextOf } from "./otelContextOf.js";
import { samplingName } from "./samplingName.js";
import { wellFormed } from "./sdkValue.js";
import type { TraceIds } from "./traceIds.js";

/** What tracers share. */
export interface NodeTracing extends EntryRules {
  /** The SDK's, which records everything it is asked to. */
  readonly provider: TracerProvider;
  readonly ids: TraceIds;
  readonly rules: SpanRules;
}

/** The provider to register with `@opentelemetry/api`. */
export function nodeTracerProvider(tracing: NodeTracing): TracerProvider {
  const tracers = new Map<string, Tracer>();
  return {
    getTracer(name, version, options) {
      const key = `${name}@${version ?? ""}:${options?.schemaUrl ?? ""}`;
      let tracer = tracers.get(key);
      if (tracer === undefined) tracers.set(key, (tracer = nodeTracer(tracing, name, version, options)));
      return tracer;
    },
  };
}

/** `withSpan` asks for a tracer by name only: in Convex the version costs bytes. */
function nodeTracer(tracing: NodeTracing, name: string, version?: string, options?: TracerOptions): Tracer {
  const isOwn = name === SCOPE_NAME && version === undefined;
  const inner = isOwn
    ? tracing.provider.getTracer(name, VERSION, { schemaUrl: SCHEMA_URL })
    : tracing.provider.getTracer(name, version, options);
  return new NodeTracer(tracing, inner);
}

class NodeTracer implements Tracer {
  readonly #tracing: NodeTracing;
  readonly #inner: Tracer;

  constructor(tracing: NodeTracing, inner: Tracer) {
    this.#tracing = tracing;
    this.#inner = inner;
  }

  startSpan(name: string, options: SpanOptions = {}, context: Context = contextApi.active()): ApiSpan {
    if (context.getValue(SUPPRESS_KEY) === true) return trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
    const parent = trace.getSpan(context);
    const callScope = options.root === true ? undefined : callScopeOf(parent);
    if (parent !== undefined && callScope !== undefined) {
      return this.#startBelow(parent.spanContext(), callScope, name, options, context);
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

  /** A span below one of this server follows that one: recorded if it is, else standing for the same identity. */
  #startBelow(
    parent: SpanContext,
    callScope: CallScope,
    name: string,
    options: SpanOptions,
    context: Context,
  ): NodeSpan {
    if ((parent.traceFlags & FLAG_SAMPLED) === 0) return this.#pass(parent, callScope);
    return this.#record(name, options, context, callScope, parent.traceFlags & FLAG_RANDOM);
  }

  #startEntry(parent: ApiSpan | undefined, name: string, options: SpanOptions, context: Context): NodeSpan {
    const tracing = this.#tracing;
    const sampledAs = samplingName(nameOf(name), options.attributes);
    const { plan, callScope } = planEntry(tracing, sampledAs, parent, context);
    if (plan.mode === "pass") return this.#pass(otelContextOf(plan.context ?? INVALID_SPAN_CONTEXT), callScope);
    return this.#recordEntry(plan, callScope, name, options, context);
  }

  #recordEntry(plan: RecordPlan, callScope: CallScope, name: string, options: SpanOptions, context: Context): NodeSpan {
    const { parent, traceId, links } = plan;
    this.#tracing.ids.nextTraceId = traceId;
    const below = parent === undefined ? withoutSpan(context) : trace.setSpanContext(context, otelContextOf(parent));
    const random = parent === undefined ? FLAG_RANDOM : parent.traceFlags & FLAG_RANDOM;
    const span = this.#record(name, options, below, callScope, random);
    noteEntrySpan(callScope, span);
    return span.addLinks(links.map((link) => ({ context: otelContextOf(link.context) })));
  }

  #record(name: string, options: SpanOptions, context: Context, callScope: CallScope, random: number): NodeSpan {
    const { kind, startTime, attributes, links } = options;
    const { rules } = this.#tracing;
    const start = timeOr(startTime, rules.clock);
    // Attributes and links are given to the span that has the rules.
    const inner = this.#inner.startSpan(
      wellFormed(nameOf(name)),
      isKind(kind) ? { kind, startTime: start } : { startTime: start },
      context,
    );
    // The SDK knows one flag only: that the trace id is random would be lost on the way.
    const spanContext = { ...inner.spanContext(), traceFlags: FLAG_SAMPLED | random };
    const span = new NodeSpan({ inner, context: spanContext, callScope, rules });
    rememberOuter(inner, span);
    span.setAttributes(attributes);
    return links === undefined ? span : span.addLinks(links);
  }

  #pass(context: SpanContext, callScope: CallScope): NodeSpan {
    const { rules } = this.#tracing;
    return new NodeSpan({ inner: trace.wrapSpanContext(context), context, callScope, rules });
  }
}

function isKind(kind: unknown): kind is SpanKind {
  return typeof kind === "number" && kind >= 0 && kind <= 4;
}

/** Most entries have no span in their context, and a new context is a copy. */
function withoutSpan(context: Context): Context {
  return trace.getSpan(context) === undefined ? context : trace.deleteSpan(context);
}
