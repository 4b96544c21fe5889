/**
 * What becomes of a span that enters this server: a root, or the child of a span elsewhere. The same rules of sampling and
 * trust as for a public function of Convex. Spans below it follow it.
 */
import { type Context, isSpanContextValid, type Span as ApiSpan } from "@opentelemetry/api";
import { callScopeOf } from "../core/activeCall.js";
import { type CallPlan, planCall, type TraceRules } from "../core/plan.js";
import type { CallScope, Clock } from "../core/ports.js";
import type { SamplingPolicy } from "../core/samplingPolicy.js";
import { withTextState } from "../core/traceState.js";
import type { SpanContext as OwnSpanContext } from "../core/types.js";
import { incomingOf } from "./incoming.js";
import { random } from "./random.js";

/** What decides. */
export interface EntryRules {
  readonly rules: { readonly clock: Clock };
  readonly sampling: SamplingPolicy;
  readonly trace: TraceRules;
}

/** What is decided. */
export interface Entry {
  readonly plan: CallPlan;
  readonly callScope: CallScope;
}

/** Decides about a span whose parent, if there is one, is not of this server. `name`: see `samplingName`. */
export function planEntry(entering: EntryRules, name: string, parent: ApiSpan | undefined, context: Context): Entry {
  const incoming = incomingOf(context);
  const caller = callerOf(parent);
  const isIncoming = caller !== undefined && caller.spanId === incoming?.spanContext?.spanId;
  const arrival = {
    isTrusted: false,
    caller,
    lineage: isIncoming ? incoming.lineage : undefined,
    name,
    now: entering.rules.clock.now(),
  };
  const plan = planCall(arrival, entering.sampling, entering.trace, random);
  const callScope: CallScope = {
    hops: plan.origin?.hops ?? 0,
    rootStartTime: plan.origin?.rootStartTime ?? arrival.now,
    correlationId: callScopeOf(parent)?.correlationId ?? incoming?.correlationId,
  };
  return { plan, callScope };
}

/** A span of this server is no caller: whoever asks for a root below it gets a root. */
function callerOf(parent: ApiSpan | undefined): OwnSpanContext | undefined {
  if (parent === undefined || callScopeOf(parent) !== undefined) return undefined;
  const context = parent.spanContext();
  if (!isSpanContextValid(context)) return undefined;
  const own: object = context;
  return withTextState(own as OwnSpanContext);
}
