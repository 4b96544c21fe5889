/**
 * `ContextManager` of `@opentelemetry/api`, on the context store: what `context.with` makes active is active for
 * `withSpan`, and the other way round.
 */
import { type CallSpan, isCallSpan } from "../../../core/callSpan.js";
import { activeContext, contextStore } from "../../../core/context.js";
import { type OtelContext, SPAN_KEY, SUPPRESS_KEY } from "../../../core/otelGlobal.js";
import type { ActiveContext } from "../../../core/ports.js";
import type { Span } from "../../../core/types.js";
import { otelSpan } from "./otelSpan.js";

type Fn = (...args: unknown[]) => unknown;

/** Part of a context manager that the API calls. */
export interface OtelContextManager {
  active(): OtelContext;
  with(context: OtelContext, fn: Fn, thisArg?: unknown, ...args: unknown[]): unknown;
  bind(context: OtelContext, target: unknown): unknown;
  enable(): OtelContextManager;
  disable(): OtelContextManager;
}

/** The context manager. */
export function otelContexts(): OtelContextManager {
  const manager: OtelContextManager = {
    active: activeOtelContext,
    with: (context, fn, thisArg, ...args) => withOtelContext(context, () => fn.apply(thisArg, args)),
    bind: (context, target) =>
      typeof target !== "function"
        ? target
        : function (this: unknown, ...args: unknown[]) {
            return withOtelContext(context, () => (target as Fn).apply(this, args));
          },
    enable: () => manager,
    disable: () => manager,
  };
  return manager;
}

/** The active context of the API: what was made active through it, with the span that is active now. */
export function activeOtelContext(): OtelContext {
  const { call, span, otel } = activeContext() ?? {};
  if (otel !== undefined && otel.span === span) return otel.context;
  const values = otel?.context ?? new Values(new Map());
  if (span === undefined || call === undefined) return values.deleteValue(SPAN_KEY).setValue(SUPPRESS_KEY, true);
  return values.setValue(SPAN_KEY, otelSpan(span, call));
}

/** Runs `fn` with a context of the API active. */
export function withOtelContext<T>(context: OtelContext, fn: () => T): T {
  const store = contextStore();
  const current = activeContext();
  if (store === undefined || current === undefined) return fn();
  const span = parentIn(context, current);
  return store.run({ ...current, span, otel: { context, span } }, fn);
}

/**
 * The span that a new one started in `context` is the child of; undefined where tracing is suppressed.
 *
 * A call is one trace: where no span is named the parent is the call's own, and where somebody else's is named, the span
 * that is active.
 */
export function parentIn(context: OtelContext, current: ActiveContext): CallSpan | undefined {
  if (current.span === undefined || context.getValue(SUPPRESS_KEY) === true) return undefined;
  const given = spanIn(context);
  if (given === undefined) return current.call.entry ?? current.span;
  return isCallSpan(given) ? given : current.span;
}

/** The span of a context. */
export function spanIn(context: OtelContext): Span | undefined {
  const span = context.getValue(SPAN_KEY);
  return typeof span === "object" && span !== null ? (span as Span) : undefined;
}

/** A context of the API: a map that is copied when it changes. */
class Values implements OtelContext {
  readonly #values: ReadonlyMap<symbol, unknown>;

  constructor(values: ReadonlyMap<symbol, unknown>) {
    this.#values = values;
  }

  getValue(key: symbol): unknown {
    return this.#values.get(key);
  }

  setValue(key: symbol, value: unknown): OtelContext {
    return new Values(new Map(this.#values).set(key, value));
  }

  deleteValue(key: symbol): OtelContext {
    const values = new Map(this.#values);
    values.delete(key);
    return new Values(values);
  }
}
