/**
 * The request a span works for: the nearest span around it that began by something from outside.
 *
 * What a whole request wants to know ("was it served from the cache?") is found out deep inside of it, and the
 * OpenTelemetry API has no way from a span to its parent. In a Convex call it is the span of the call. A server that this
 * library set up says which span was its entry ({@link noteEntrySpan}); under a provider of somebody else, a span processor of
 * this library tells of each span when it starts ({@link noteSpanStart}); without one only the active span itself can be recognized.
 *
 * The names under which this is kept are registered, so that every copy of this library finds it.
 */
import { callScopeOf } from "./activeCall.js";
import type { ActiveContext, CallScope } from "./ports.js";
import type { Span } from "./types.js";

const REGISTRY = Symbol.for("convex-otel.request-spans.v1");

/** Requests by the spans that work for them, without themselves. */
type Registry = WeakMap<object, Span>;

/**
 * Where what all spans of a server's entry share says which one the entry is. A property, since it is an object of this library,
 * and there is one for each request: the garbage collector spends microseconds on each entry of a weak map.
 */
const ENTRY = Symbol.for("convex-otel.entry-span.v1");

type WithEntry = CallScope & { [ENTRY]?: Span };

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

/** The request that a span works for, where that can be told. `context`: that in which the span was active. */
export function requestSpan(active: Span, context: ActiveContext | undefined): Span | undefined {
  return context === undefined ? requestOf(active) : context.call.entry;
}

/** Remembers the span of an entry into a server that this library set up. */
export function noteEntrySpan(call: CallScope, span: object): void {
  (call as WithEntry)[ENTRY] = span as Span;
}

/** Remembers which request a span works for. For span processors: call it in `onStart`. */
export function noteSpanStart(span: object, parent: object | undefined): void {
  if (parent === undefined || isRequest(span)) return;
  const request = requestOf(parent);
  if (request !== undefined) registry().set(span, request);
}

function requestOf(span: object): Span | undefined {
  const call = callScopeOf(span);
  if (call !== undefined) return (call as WithEntry)[ENTRY];
  return isRequest(span) ? (span as Span) : registry().get(span);
}

/** A SERVER or CONSUMER span, or one without a parent in this process. What has no kind was not made by an SDK. */
function isRequest(span: SdkSpan): boolean {
  const { kind, parentSpanContext, parentSpanId } = span;
  if (typeof kind !== "number") return false;
  if (kind === SERVER || kind === CONSUMER) return true;
  return parentSpanContext === undefined ? parentSpanId === undefined : parentSpanContext.isRemote === true;
}
