/**
 * Trace context in the headers of a server, for instrumentation libraries: `traceparent`, `tracestate` with our own member,
 * `baggage` and `x-correlation-id`, by the codecs that Convex functions use. So a trace keeps its bound and its
 * correlation id whichever way it crosses.
 */
import {
  type Context,
  propagation,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  trace,
} from "@opentelemetry/api";
import { callScopeOf } from "../core/activeCall.js";
import { SUPPRESS_KEY } from "../core/otelGlobal.js";
import type { Diagnostics, Env } from "../core/ports.js";
import { withTextState } from "../core/traceState.js";
import type { SpanContext as OwnSpanContext } from "../core/types.js";
import { readEnv } from "../otlp/envReader.js";
import type { BaggageEntry } from "../propagation/baggage.js";
import { encodeCarrier, type CarrierContent } from "../propagation/carrier.js";
import { CORRELATION_BAGGAGE_KEY, CORRELATION_HEADER, isValidCorrelationId } from "../propagation/correlation.js";
import { extractHeaders } from "../propagation/headers.js";
import { incomingOf, withIncoming } from "./incoming.js";

/** The parts of the propagator, as `OTEL_PROPAGATORS` names them. */
type Part = "tracecontext" | "baggage";

const FIELDS: Readonly<Record<Part, readonly string[]>> = {
  tracecontext: ["traceparent", "tracestate"],
  baggage: ["baggage", CORRELATION_HEADER],
};

/**
 * The propagator that `registerNode` installs, for a NodeSDK of your own (`textMapPropagator`). It writes what the program put
 * into baggage and the correlation id; of the baggage that comes in it takes over the correlation id only. Under another
 * provider, the hops of a trace are not counted.
 *
 * @example
 * ```ts
 * import { propagation } from "@opentelemetry/api";
 * import { propagator } from "convex-otel/node";
 *
 * propagation.setGlobalPropagator(propagator());
 * ```
 */
export function propagator(): TextMapPropagator {
  return propagatorOf(["tracecontext", "baggage"]);
}

/** @internal The propagator that `OTEL_PROPAGATORS` asks for; undefined for none. */
export function propagatorFromEnv(env: Env, report: Diagnostics): TextMapPropagator | undefined {
  const names = (readEnv(env, "OTEL_PROPAGATORS") ?? "tracecontext,baggage").split(",").map((name) => name.trim());
  const known = names.filter((name): name is Part => Object.hasOwn(FIELDS, name));
  const unknown = names.filter((name) => name !== "none" && name !== "" && !Object.hasOwn(FIELDS, name));
  if (unknown.length > 0) {
    const message = `OTEL_PROPAGATORS: only tracecontext, baggage and none are known; what else it names is left out.`;
    report({ level: "warn", code: "env.unsupported", message });
  }
  return known.length === 0 ? undefined : propagatorOf(known);
}

function propagatorOf(parts: readonly Part[]): TextMapPropagator {
  const fields = parts.flatMap((part) => FIELDS[part]);
  return {
    fields: () => [...fields],
    inject: (context, carrier, setter) => inject(context, carrier, setter, fields),
    extract: (context, carrier, getter) => extract(context, carrier, getter, fields),
  };
}

function inject(context: Context, carrier: unknown, setter: TextMapSetter, fields: readonly string[]): void {
  if (context.getValue(SUPPRESS_KEY) === true) return;
  const content = contentOf(context);
  const values: Record<string, string | undefined> = { ...encodeCarrier(content) };
  values[CORRELATION_HEADER] = content.baggage?.find(({ key }) => key === CORRELATION_BAGGAGE_KEY)?.value;
  for (const field of fields) {
    const value = values[field];
    if (value !== undefined) setter.set(carrier, field, value);
  }
}

function contentOf(context: Context): CarrierContent {
  const span = trace.getSpan(context);
  const call = callScopeOf(span);
  const own: object | undefined = span?.spanContext();
  return {
    spanContext: own && withTextState(own as OwnSpanContext),
    // A request that only passes through is no hop.
    lineage:
      call === undefined ? incomingOf(context)?.lineage : { hops: call.hops + 1, rootStartTime: call.rootStartTime },
    baggage: baggageOf(context, call?.correlationId),
  };
}

/** The program's baggage, and first the correlation id: what does not fit is left out from the end. */
function baggageOf(context: Context, named: string | undefined): readonly BaggageEntry[] {
  const entries = propagation.getBaggage(context)?.getAllEntries() ?? [];
  const id = named ?? entries.find(([key]) => key === CORRELATION_BAGGAGE_KEY)?.[1].value;
  const others = entries.filter(([key]) => key !== CORRELATION_BAGGAGE_KEY).map(([key, { value }]) => ({ key, value }));
  return isValidCorrelationId(id) ? [{ key: CORRELATION_BAGGAGE_KEY, value: id }, ...others] : others;
}

function extract(context: Context, carrier: unknown, getter: TextMapGetter, fields: readonly string[]): Context {
  const values: Record<string, string | readonly string[] | undefined> = {};
  for (const field of fields) values[field] = getter.get(carrier, field);
  return withIncoming(context, extractHeaders(values));
}
