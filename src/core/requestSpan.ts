/**
 * The request a span works for: the nearest span around it that began by something from outside.
 *
 * What a whole request wants to know ("was it served from the cache?") is found out deep inside of it, and the
 * OpenTelemetry API has no way from a span to its parent. In a Convex call it is the span of the call. Under a registered
 * provider a span is told about when it starts, by {@link noteSpanStart}, which a span processor calls; without one only
 * the active span itself can be recognized.
 *
 * The registry hangs on the global object, so that every copy of this library has the same.
 */
import { activeContext } from "./context.js";
import type { Span } from "./types.js";

const REGISTRY = Symbol.for("convex-otel.request-spans.v1");

/** Requests by the spans that work for them, without themselves. */
type Registry = WeakMap<Span, Span>;

/** `SpanKind` of the API. */
const SERVER = 1;
const CONSUMER = 4;

/** What spans of OpenTelemetry's own SDK have besides the API: the first of each pair in version 2, the second in version 1. */
interface SdkSpan {
  readonly kind?: unknown;
  readonly parentSpanContext?: { readonly isRemote?: boolean | undefined } | undefined;
  readonly parentSpanId?: unknown;
}

function registry(): Registry {
  return ((globalThis as { [REGISTRY]?: Registry })[REGISTRY] ??= new WeakMap());
}

/** The request that the active span works for, where that can be told. */
export function requestSpan(active: Span): Span | undefined {
  const context = activeContext();
  return context === undefined ? requestOf(active) : context.call.entry;
}

/** Remembers which request a span works for. For span processors: call it in `onStart`. */
export function noteSpanStart(span: Span, parent: Span | undefined): void {
  if (parent === undefined || isRequest(span)) return;
  const request = requestOf(parent);
  if (request !== undefined) registry().set(span, request);
}

function requestOf(span: Span): Span | undefined {
  return isRequest(span) ? span : registry().get(span);
}

/** A SERVER or CONSUMER span, or one without a parent in this process. What has no kind was not made by an SDK. */
function isRequest(span: Span & SdkSpan): boolean {
  const { kind, parentSpanContext, parentSpanId } = span;
  if (typeof kind !== "number") return false;
  if (kind === SERVER || kind === CONSUMER) return true;
  return parentSpanContext === undefined ? parentSpanId === undefined : parentSpanContext.isRemote === true;
}
