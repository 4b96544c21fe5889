/**
 * What users call to trace their own code. The same functions work everywhere: inside a Convex call they record into
 * it, under a registered OpenTelemetry provider they go there, and without either the code simply runs.
 */
import { activeContext, contextStore } from "./context.js";
import { describeError } from "./errors.js";
import { activeOtelSpan, SPAN_KEY, startOtelSpan, SUPPRESS_KEY, toOtelLink, withOtelValue } from "./otelGlobal.js";
import { isCallSpan } from "./callSpan.js";
import { isPromise } from "./isPromise.js";
import { nonRecordingSpan } from "./nonRecordingSpan.js";
import type { Attributes, Link, Span, SpanOptions, TimeInput } from "./types.js";
import { ERROR_TYPE, RPC_STATUS_CODE } from "../semconv/attributes.js";

/**
 * Runs `fn` inside a new span, which is active while `fn` and everything it awaits run. The span ends when `fn` returns
 * or its promise settles; what it throws is recorded and thrown on, the same object.
 *
 * @returns what `fn` returns.
 * @example
 * ```ts
 * import { withSpan } from "convex-otel";
 *
 * const total = await withSpan("price order", { attributes: { "order.items": 3 } }, async (span) => {
 *   span.addEvent("discount applied");
 *   return 42;
 * });
 * ```
 */
export function withSpan<T>(name: string, fn: (span: Span) => T): T;
export function withSpan<T>(name: string, options: SpanOptions, fn: (span: Span) => T): T;
export function withSpan<T>(
  name: string,
  optionsOrFn: SpanOptions | ((span: Span) => T),
  maybeFn?: (span: Span) => T,
): T {
  const hasNoOptions = typeof optionsOrFn === "function";
  const fn = hasNoOptions ? optionsOrFn : maybeFn;
  if (fn === undefined) throw new TypeError(`withSpan("${name}"): the last argument must be a function.`);
  const span = startSpan(name, hasNoOptions ? {} : optionsOrFn);
  return endingSpan(span, () => withActiveSpan(span, () => fn(span)));
}

/**
 * Starts a span without making it active. End it yourself, on every path.
 *
 * @returns the span; one that records nothing where nothing is being traced.
 * @example
 * ```ts
 * import { startSpan } from "convex-otel";
 *
 * const span = startSpan("poll", { kind: "client" });
 * span.setAttribute("attempt", 1);
 * span.end();
 * ```
 */
export function startSpan(name: string, options: SpanOptions = {}): Span {
  let span: Span | undefined;
  try {
    const context = activeContext();
    const parent = options.parent ?? context?.span;
    if (parent !== undefined && isCallSpan(parent)) span = parent.startChild(name, options);
    else if (context === undefined) span = startOtelSpan(name, options);
  } catch {
    // A provider that throws must not break the program it watches.
  }
  return span ?? nonRecordingSpan();
}

/**
 * Wraps a function so that every call of it runs in a span.
 *
 * @returns a function of the same type.
 * @example
 * ```ts
 * import { traced } from "convex-otel";
 *
 * const parse = traced("parse", (text: string) => JSON.parse(text) as unknown);
 * parse("{}");
 * ```
 */
export function traced<This, Args extends unknown[], T>(
  name: string,
  fn: (this: This, ...args: Args) => T,
  options: SpanOptions = {},
): (this: This, ...args: Args) => T {
  return function (this: This, ...args: Args) {
    return withSpan(name, options, () => fn.apply(this, args));
  };
}

/**
 * The active span: of the Convex call, else of the registered OpenTelemetry provider.
 *
 * @returns undefined where nothing is traced, or tracing is suppressed.
 * @example
 * ```ts
 * import { getActiveSpan } from "convex-otel";
 *
 * if (getActiveSpan()?.isRecording()) console.log("this call is traced");
 * ```
 */
export function getActiveSpan(): Span | undefined {
  const context = activeContext();
  return context === undefined ? activeOtelSpan() : context.span;
}

/**
 * Sets attributes on the active span.
 *
 * @example
 * ```ts
 * import { setAttributes } from "convex-otel";
 *
 * setAttributes({ "order.items": 3, "order.express": true });
 * ```
 */
export function setAttributes(attributes: Attributes): void {
  getActiveSpan()?.setAttributes(attributes);
}

/**
 * Adds an event, a named moment, to the active span. Time defaults to now.
 *
 * @example
 * ```ts
 * import { addEvent } from "convex-otel";
 *
 * addEvent("discount applied", { "discount.percent": 10 });
 * ```
 */
export function addEvent(name: string, attributes: Attributes = {}, time?: TimeInput): void {
  getActiveSpan()?.addEvent(name, attributes, time);
}

/**
 * Links the active span to another one, such as the delivery a replay repeats.
 *
 * @example
 * ```ts
 * import { addLink, extractCarrier } from "convex-otel";
 *
 * const { spanContext } = extractCarrier({ traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" });
 * if (spanContext !== undefined) addLink({ context: spanContext, attributes: { "replay.attempt": 2 } });
 * ```
 */
export function addLink(link: Link): void {
  const span = getActiveSpan();
  span?.addLink(isCallSpan(span) ? link : toOtelLink(link));
}

/**
 * Marks the active span (or the one given) as failed and records what was thrown: once, where it is first seen; spans
 * further up only take the status. For errors that are caught and handled; what leaves `withSpan` is recorded by it.
 * Time defaults to now.
 *
 * @example
 * ```ts
 * import { recordError } from "convex-otel";
 *
 * try {
 *   JSON.parse("{");
 * } catch (error) {
 *   recordError(error);
 * }
 * ```
 */
export function recordError(thrown: unknown, span: Span | undefined = getActiveSpan(), time?: TimeInput): void {
  if (span === undefined || !span.isRecording()) return;
  const described = describeError(thrown);
  const { type, message, code } = described;
  span.setAttribute(ERROR_TYPE, type);
  if (code !== undefined) span.setAttribute(RPC_STATUS_CODE, code);
  span.setStatus({ code: 2, message });
  try {
    if (isCallSpan(span) ? span.claimError(thrown) : claimOnce(thrown)) span.recordException(described, time);
  } catch {
    // A provider of somebody else's may fail.
  }
}

/**
 * Runs `fn` without tracing anything in it: no spans, no active span, nothing to propagate.
 *
 * @returns what `fn` returns.
 * @example
 * ```ts
 * import { suppressTracing } from "convex-otel";
 *
 * const healthy = suppressTracing(() => fetch("https://api.example.com/health"));
 * ```
 */
export function suppressTracing<T>(fn: () => T): T {
  const store = contextStore();
  const context = store?.active();
  if (store === undefined || context === undefined) return withOtelValue(SUPPRESS_KEY, true, fn);
  return store.run({ ...context, span: undefined }, fn);
}

/**
 * Runs `fn` and ends the span after it, whatever happens. `onResult` sees the result before the span ends.
 *
 * @internal
 */
export function endingSpan<T>(span: Span, fn: () => T, onResult?: (result: unknown) => void): T {
  const fail = (thrown: unknown): never => {
    end(span, () => recordError(thrown, span));
    throw thrown;
  };
  let result: T;
  try {
    result = fn();
  } catch (thrown) {
    return fail(thrown);
  }
  if (!isPromise(result)) {
    end(span, () => onResult?.(result));
    return result;
  }
  // The promise is replaced, not watched: a rejection nobody handles must stay unhandled.
  return result.then((value) => {
    end(span, () => onResult?.(value));
    return value;
  }, fail) as T;
}

/** A span of somebody else's provider may throw; the program it watches must not see that. */
function end(span: Span, complete: () => void): void {
  try {
    complete();
    span.end();
  } catch {
    // The span is lost.
  }
}

/**
 * Runs `fn` with the span active.
 *
 * @internal
 */
export function withActiveSpan<T>(span: Span, fn: () => T): T {
  const store = contextStore();
  const context = store?.active();
  if (store !== undefined && context !== undefined) {
    // Where tracing is suppressed it stays so: there is no span to become active.
    return isCallSpan(span) && context.span !== undefined ? store.run({ ...context, span }, fn) : fn();
  }
  return isCallSpan(span) ? fn() : withOtelValue(SPAN_KEY, span, fn);
}

/** Errors recorded with a registered provider; a call of ours keeps its own list. */
const recordedErrors = new WeakSet<object>();

function claimOnce(thrown: unknown): boolean {
  if (typeof thrown !== "object" || thrown === null) return true;
  if (recordedErrors.has(thrown)) return false;
  recordedErrors.add(thrown);
  return true;
}
