/**
 * The provider an application registered with `@opentelemetry/api`, read through that package's global.
 *
 * Reading the global instead of importing the package keeps it out of Convex bundles, and finds the provider whichever
 * copy of the API registered it. The symbol, its members and the two context keys are the API's own contract between
 * its versions (`api/src/internal/global-utils.ts`, `api/src/trace/context-utils.ts`).
 */
import type { Attributes, Link, Span, SpanContext, SpanOptions } from "./types.js";

interface OtelContext {
  getValue(key: symbol): unknown;
  setValue(key: symbol, value: unknown): OtelContext;
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

const API = Symbol.for("opentelemetry.js.api.1");
const SPAN_KEY = Symbol.for("OpenTelemetry Context Key SPAN");
const SUPPRESS_KEY = Symbol.for("OpenTelemetry SDK Context Key SUPPRESS_TRACING");

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

/** Our trace state is the header's text; the SDK's exporters ask for an object and fail without one. */
export function toOtelLink(link: Link): Link {
  const { traceState, ...context } = link.context;
  if (typeof traceState !== "string") return link;
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
  return { ...link, context: Object.assign<object, object>(context, { traceState: asObject }) as SpanContext };
}

/** Runs `fn` with `span` active for the registered provider, or with tracing suppressed. */
export function withOtelSpan<T>(span: Span | "suppressed", fn: () => T): T {
  const manager = api()?.context;
  if (manager === undefined) return fn();
  const active = manager.active();
  const context = span === "suppressed" ? active.setValue(SUPPRESS_KEY, true) : active.setValue(SPAN_KEY, span);
  return manager.with(context, fn);
}
