/**
 * The provider an application registered with `@opentelemetry/api`, read through that package's global.
 *
 * Reading the global instead of importing the package keeps it out of Convex bundles, and finds the provider whichever
 * copy of the API registered it. The symbol, its members and the two context keys are the API's own contract between
 * its versions (`api/src/internal/global-utils.ts`, `api/src/trace/context-utils.ts`).
 */
import type { Attributes, Link, Span, SpanContext, SpanKind, SpanOptions } from "./types.js";

/** `Context` of the API: immutable values by key. */
export interface OtelContext {
  getValue(key: symbol): unknown;
  setValue(key: symbol, value: unknown): OtelContext;
  deleteValue(key: symbol): OtelContext;
}

interface OtelContextManager {
  active(): OtelContext;
  with<T>(context: OtelContext, fn: () => T): T;
}

interface OtelSpanOptions {
  readonly kind: number;
  readonly attributes: Attributes | undefined;
  readonly links: SpanOptions["links"] | undefined;
  readonly startTime: SpanOptions["startTime"] | undefined;
}

interface OtelTracer {
  startSpan(name: string, options: OtelSpanOptions, context?: OtelContext): Span;
}

interface OtelProvider {
  getTracer(name: string, version?: string): OtelTracer;
}

interface OtelApi {
  readonly trace?: OtelProvider;
  readonly context?: OtelContextManager;
}

export const API = Symbol.for("opentelemetry.js.api.1");
export const SPAN_KEY = Symbol.for("OpenTelemetry Context Key SPAN");
export const SUPPRESS_KEY = Symbol.for("OpenTelemetry SDK Context Key SUPPRESS_TRACING");

/** What is registered with the API. */
export function otelApi(): OtelApi | undefined {
  return (globalThis as { [API]?: OtelApi })[API];
}

/** The span that is active for the registered provider; undefined where tracing is suppressed. */
export function activeOtelSpan(): Span | undefined {
  const active = providerContext();
  return active?.getValue(SUPPRESS_KEY) ? undefined : (active?.getValue(SPAN_KEY) as Span | undefined);
}

/** The active context of the API, if there is a context manager. */
export function providerContext(): OtelContext | undefined {
  return otelApi()?.context?.active();
}

/** Starts a span with the registered provider, by default in the active context; undefined if none is registered. */
export function startOtelSpan(
  name: string,
  { kind, parent, links, attributes, startTime }: SpanOptions,
  within = providerContext(),
): Span | undefined {
  const provider = otelApi()?.trace;
  if (provider !== known) {
    tracer = provider?.getTracer("convex-otel");
    known = provider;
  }
  return tracer?.startSpan(
    name,
    // Spelled out: spreading the options takes several times as long.
    { kind: KINDS.indexOf(kind) + 1, attributes, startTime, links: links?.map(toOtelLink) },
    parent === undefined ? within : within?.setValue(SPAN_KEY, parent),
  );
}

/** `SpanKind` of the API counts on in this order, from 0 for internal. */
const KINDS: readonly (SpanKind | undefined)[] = ["server", "client", "producer", "consumer"];

/** The provider that the tracer is of: the API has another object for each that is registered. */
let known: OtelProvider | undefined;
let tracer: OtelTracer | undefined;

/** A link as the registered provider wants it. */
export function toOtelLink(link: Link): Link {
  return { ...link, context: toOtelSpanContext(link.context) };
}

/** Our trace state is the header's text; code that uses the API asks for an object and fails without one. */
export function toOtelSpanContext(given: SpanContext): SpanContext {
  const { traceState } = given;
  const same = (): object => asObject;
  const asObject = { serialize: () => traceState, get() {}, set: same, unset: same };
  const otelContext: object = typeof traceState === "string" ? { ...given, traceState: asObject } : given;
  return otelContext as SpanContext;
}

/** Runs `fn` with a value in the active context of the API. */
export function withOtelValue<T>(key: symbol, value: unknown, fn: () => T): T {
  const manager = otelApi()?.context;
  return manager === undefined ? fn() : manager.with(manager.active().setValue(key, value), fn);
}
