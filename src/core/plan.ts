/**
 * What becomes of a call, decided once, before its handler runs: whether it is recorded, as whose child, and what it
 * hands on. The rules of trust, sampling and the bound of a trace are all here.
 *
 * One invariant holds throughout: a context that is handed on is that of a span which will be exported, or it carries
 * an unset sampled flag. So no exported span ever has a parent that nobody exported.
 */
import { newSpanId, newTraceId } from "./ids.js";
import type { KeepUnsampled, PublicContextPolicy } from "./options.js";
import type { Random } from "./ports.js";
import { FLAG_RANDOM, FLAG_SAMPLED } from "./recorder.js";
import { keepsTrace } from "./sampler.js";
import type { SamplingPolicy } from "./samplingPolicy.js";
import type { Link, SpanContext } from "./types.js";

/** What a caller says of the way to this call: see `Lineage` of the carrier. */
export interface CallOrigin {
  readonly hops: number;
  /** When the root of the trace started, in milliseconds since the Unix epoch. */
  readonly rootStartTime: number;
  /** What led here, where the caller was a function of Convex. */
  readonly edge?: "call" | "nested" | "scheduled" | undefined;
}

/** How a call arrived. */
export interface Arrival {
  /** True for what only the app's own code can call: internal functions, scheduled runs. */
  readonly isTrusted: boolean;
  readonly caller: SpanContext | undefined;
  readonly lineage: CallOrigin | undefined;
  /** What sampling goes by, if it is known already: a function's path, a route. */
  readonly name: string | undefined;
  /** Milliseconds since the Unix epoch. */
  readonly now: number;
}

/** What to do with a call. */
export type CallPlan = RecordPlan | PassPlan;

/** Record it. */
export interface RecordPlan {
  readonly mode: "record";
  /** False if it is exported only after an upgrade at its end. */
  readonly sampled: boolean;
  readonly parent?: SpanContext;
  readonly traceId?: string;
  readonly links: readonly Link[];
  readonly entry: "keep" | "elide";
  /** Absent for a root: the trace starts with this call. */
  readonly origin?: { readonly hops: number; readonly rootStartTime: number };
}

/** Record nothing, and hand on this context (nothing if it is absent). */
export interface PassPlan {
  readonly mode: "pass";
  readonly context?: SpanContext;
  readonly origin?: { readonly hops: number; readonly rootStartTime: number };
}

/** The options that decide, with their defaults filled in. */
export interface TraceRules {
  readonly publicContext: PublicContextPolicy;
  readonly keepUnsampled: KeepUnsampled;
  readonly maxHops: number;
  readonly maxAgeMs: number;
}

/** Decides what becomes of a call. */
export function planCall(arrival: Arrival, sampling: SamplingPolicy, rules: TraceRules, random: Random): CallPlan {
  const ratio = sampling.ratio(arrival.name);
  const { caller } = arrival;
  if (caller === undefined) return planRoot(ratio, rules, random, []);
  if (arrival.isTrusted) return planTrusted(arrival, caller, ratio, rules, random);
  if (rules.publicContext === "ignore") return planRoot(ratio, rules, random, []);
  if (rules.publicContext === "link") return planRoot(ratio, rules, random, [{ context: caller }]);
  return planContinued(arrival, caller, ratio, rules, random);
}

/** A new trace. Its id is made here only if the sampler needs it: a scheduled run may still take its job's. */
function planRoot(ratio: number, rules: TraceRules, random: Random, links: readonly Link[]): CallPlan {
  if (ratio >= 1) return { mode: "record", sampled: true, links, entry: "keep" };
  const traceId = newTraceId(random);
  if (keepsTrace(traceId, ratio)) return { mode: "record", sampled: true, traceId, links, entry: "keep" };
  if (ratio > 0 && rules.keepUnsampled !== "never") {
    return { mode: "record", sampled: false, traceId, links, entry: "keep" };
  }
  return { mode: "pass", context: { traceId, spanId: newSpanId(random), traceFlags: FLAG_RANDOM } };
}

/** Our own caller has decided about sampling already; a function that is switched off stays off. */
function planTrusted(
  arrival: Arrival,
  caller: SpanContext,
  ratio: number,
  rules: TraceRules,
  random: Random,
): CallPlan {
  const sampled = (caller.traceFlags & FLAG_SAMPLED) !== 0;
  if (ratio === 0 || (!sampled && rules.keepUnsampled === "never")) {
    return { mode: "pass", context: caller, ...originOf(arrival) };
  }
  if (isBeyondBound(arrival, rules)) return { ...newRootAfter(caller, random), sampled };
  return childOf(arrival, caller, sampled);
}

/**
 * A caller from outside. Its sampled flag is not followed, or anyone could switch our tracing on or off; but a parent
 * that was not sampled over there will never be seen, so it becomes a link.
 */
function planContinued(
  arrival: Arrival,
  caller: SpanContext,
  ratio: number,
  rules: TraceRules,
  random: Random,
): CallPlan {
  if (!keepsTrace(caller.traceId, ratio)) {
    if (ratio > 0 && rules.keepUnsampled !== "never") return childOf(arrival, caller, false);
    // W3C: the sampled flag changes only together with the parent id.
    const context = { ...caller, spanId: newSpanId(random), traceFlags: caller.traceFlags & FLAG_RANDOM };
    return { mode: "pass", context, ...originOf(arrival) };
  }
  const isExported = (caller.traceFlags & FLAG_SAMPLED) !== 0;
  if (isExported && !isBeyondBound(arrival, rules)) return childOf(arrival, caller, true);
  return newRootAfter(caller, random);
}

/**
 * A new trace with a link to the one before. Its id ends as the other does: samplers look at these 56 bits, so whoever
 * kept that trace keeps this one.
 */
function newRootAfter(caller: SpanContext, random: Random): RecordPlan {
  const traceId = newTraceId(random).slice(0, 18) + caller.traceId.slice(18);
  return { mode: "record", sampled: true, traceId, links: [{ context: caller }], entry: "keep" };
}

function childOf(arrival: Arrival, parent: SpanContext, sampled: boolean): RecordPlan {
  // Anyone can say "nested" to a public function, and would hide the call.
  const entry = arrival.isTrusted && arrival.lineage?.edge === "nested" ? "elide" : "keep";
  return { mode: "record", sampled, parent, links: [], entry, ...originOf(arrival) };
}

/** Where the trace began, as far as the caller tells. */
export function originOf({ lineage }: { readonly lineage?: CallOrigin | undefined }): Pick<RecordPlan, "origin"> {
  return lineage === undefined ? {} : { origin: { hops: lineage.hops, rootStartTime: lineage.rootStartTime } };
}

/** A trace ends where the next scheduled run would be one hop too far or too late, counted from its root. */
function isBeyondBound({ lineage, now }: Arrival, { maxHops, maxAgeMs }: TraceRules): boolean {
  if (lineage === undefined || lineage.edge === "nested" || lineage.edge === "call") return false;
  return lineage.hops > maxHops || now - lineage.rootStartTime > maxAgeMs;
}
