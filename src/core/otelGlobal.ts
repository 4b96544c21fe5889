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
  readonly attributes?: Attributes;
  readonly links?: SpanOptions["links"];
  readonly startTime?: SpanOptions["startTime"];
}

interface OtelTracer {
  startSpan(name: string, options: OtelSpanOptions, context?: OtelContext): Span;
}

interface OtelApi {
  readonly trace?: { getTracer(name: string, version?: string): OtelTracer };
  readonly context?: OtelContextManager;
}

export const API = Symbol.for("opentelemetry.js.api.1");
export const SPAN_KEY = Symbol.for("OpenTelemetry Context Key SPAN");
export const SUPPRESS_KEY = Symbol.for("OpenTelemetry SDK Context Key SUPPRESS_TRACING");

function api(): OtelApi | undefined {
  return (globalThis as { [API]?: OtelApi })[API];
}

/** The span that is active for the registered provider. */
export function activeOtelSpan(): Span | undefined {
  return api()?.context?.active().getValue(SPAN_KEY) as Span | undefined;
}

/** Starts a span with the registered provider; undefined if none is registered. */
export function startOtelSpan(name: string, options: SpanOptions): Span | undefined {
  const registered = api();
  if (registered?.trace === undefined) return undefined;
  const { kind, parent, links, ...rest } = options;
  const otelLinks = links?.map(toOtelLink);
  const active = registered.context?.active();
  const context = parent === undefined ? active : active?.setValue(SPAN_KEY, parent);
  return registered.trace
    .getTracer("convex-otel")
    .startSpan(
      name,
      { ...rest, kind: kindNumber(kind), ...(otelLinks === undefined ? {} : { links: otelLinks }) },
      context,
    );
}

/** A link as the registered provider wants it. */
export function toOtelLink(link: Link): Link {
  return { ...link, context: toOtelSpanContext(link.context) };
}

/** Our trace state is the header's text; code that uses the API asks for an object and fails without one. */
export function toOtelSpanContext(context: SpanContext): SpanContext {
  const { traceState } = context;
  if (typeof traceState !== "string") return context;
  const asObject = { serialize: () => traceState, get: () => undefined, set: () => asObject, unset: () => asObject };
  return Object.assign<object, SpanContext, object>({}, context, { traceState: asObject });
}

/** Runs `fn` with `span` active for the registered provider. */
export function withOtelSpan<T>(span: Span, fn: () => T): T {
  return withValue(SPAN_KEY, span, fn);
}

/** Runs `fn` with tracing suppressed for the registered provider. */
export function withOtelSuppressed<T>(fn: () => T): T {
  return withValue(SUPPRESS_KEY, true, fn);
}

function withValue<T>(key: symbol, value: unknown, fn: () => T): T {
  const manager = api()?.context;
  return manager === undefined ? fn() : manager.with(manager.active().setValue(key, value), fn);
}

/** `SpanKind` of the API counts from 0, in this order. */
function kindNumber(kind: SpanKind | undefined): number {
  return ["internal", "server", "client", "producer", "consumer"].indexOf(kind ?? "internal");
}
