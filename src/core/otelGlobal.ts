/**
 * The provider an application registered with `@opentelemetry/api`, read through that package's global.
 *
 * Reading the global instead of importing the package keeps it out of Convex bundles, and finds the provider whichever
 * copy of the API registered it. The symbol, its members and the two context keys are the API's own contract between
 * its versions (`api/src/internal/global-utils.ts`, `api/src/trace/context-utils.ts`).
 */
import type { Attributes, Link, Span, SpanContext, SpanOptions } from "./types.js";

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
  readonly links?: SpanOptions["links"] | undefined;
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
  const { trace, context } = api() ?? {};
  const { kind = "internal", parent, links, ...rest } = options;
  const active = context?.active();
  return trace?.getTracer("convex-otel").startSpan(
    name,
    // `SpanKind` of the API counts from 0, in this order.
    {
      ...rest,
      kind: ["internal", "server", "client", "producer", "consumer"].indexOf(kind),
      links: links?.map(toOtelLink),
    },
    parent === undefined ? active : active?.setValue(SPAN_KEY, parent),
  );
}

/** A link as the registered provider wants it. */
export function toOtelLink(link: Link): Link {
  return { ...link, context: toOtelSpanContext(link.context) };
}

/** Our trace state is the header's text; code that uses the API asks for an object and fails without one. */
export function toOtelSpanContext(given: SpanContext): SpanContext {
  const { traceState, ...context } = given;
  if (typeof traceState !== "string") return given;
  const asObject = {
    serialize() {
      return traceState;
    },
    get() {},
    set() {
      return this;
    },
    unset() {
      return this;
    },
  };
  return Object.assign<object, object>(context, { traceState: asObject }) as SpanContext;
}

/** Runs `fn` with `span` active for the registered provider, or with tracing suppressed. */
export function withOtelSpan<T>(span: Span | "suppressed", fn: () => T): T {
  const manager = api()?.context;
  if (manager === undefined) return fn();
  const active = manager.active();
  const context = span === "suppressed" ? active.setValue(SUPPRESS_KEY, true) : active.setValue(SPAN_KEY, span);
  return manager.with(context, fn);
}
