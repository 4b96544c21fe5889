/**
 * The start of a traced call: reads the switches, decides what becomes of the call, and sets up its recorder. Nothing
 * here awaits the platform, with two exceptions. Where the share of traces to keep differs between functions and this
 * function's name is not known yet, its name is asked for before the handler starts. And a public function that is said
 * to be a scheduled run asks whether it is one, for then its carrier is our own.
 */
import { derivedIds } from "../../../core/ids.js";
import { resolveLimits } from "../../../core/limits.js";
import { type CallPlan, originOf, planCall, type RecordPlan } from "../../../core/plan.js";
import type { ContextStore } from "../../../core/ports.js";
import { Recorder } from "../../../core/recorder.js";
import { samplingPolicy } from "../../../core/samplingPolicy.js";
import type { SpanOptions } from "../../../core/types.js";
import type { Extracted } from "../../../propagation/carrier.js";
import type { FunctionShape } from "./functionShape.js";
import { MetadataReader } from "./metadata.js";
import type { InstrumentConfig } from "./options.js";
import { callClock, callRandom, convexContextStore } from "./platform.js";
import { sampledReport } from "./sampledReport.js";
import { TracedCall } from "./tracedCall.js";
import { convexEnv } from "./surroundings.js";

/** How a call came in. */
export interface Incoming {
  readonly config: InstrumentConfig;
  readonly shape: FunctionShape;
  readonly ctx: object;
  readonly extracted: Extracted;
  /** Whether spans can leave. Told, since asking reads the environment. */
  readonly canLeave: boolean;
  /** The name to sample by, where it is known without asking (HTTP routes). */
  readonly name?: string | undefined;
  /** The first look of the entry span. */
  readonly span?: SpanOptions;
}

/** A call that has begun. */
export interface BegunCall {
  readonly call: TracedCall;
  readonly metadata: MetadataReader;
  readonly incoming: Incoming;
}

/**
 * Begins a call.
 *
 * @returns undefined where there is nothing to record and nothing to hand on: the handler then runs untouched.
 */
export function beginCall(incoming: Incoming): BegunCall | undefined | Promise<BegunCall | undefined> {
  const { config, shape, extracted, ctx, canLeave } = incoming;
  const metadata = new MetadataReader(ctx);
  if (!canLeave) {
    // From outside nothing is let in: only what our own code has handed on passes through.
    const spanContext = shape.visibility === "internal" ? extracted.spanContext : undefined;
    return spanContext && start(incoming, metadata, { mode: "pass", context: spanContext, ...originOf(extracted) });
  }
  const random = callRandom();
  const report = sampledReport(config.report, random);
  const sampling = samplingPolicy(config.options.sampling, convexEnv, report);
  const { spanContext: caller, lineage } = extracted;
  const decide = (isTrusted: boolean, name: string | undefined): BegunCall => {
    const plan = planCall({ isTrusted, caller, lineage, name, now: Date.now() }, sampling, config, random);
    return start(incoming, metadata, plan, random);
  };
  if (shape.visibility === "public" && shape.type !== "http_action" && lineage?.edge === "scheduled") {
    return Promise.all([metadata.scheduledFunctionId(), metadata.name()]).then(([id, name]) =>
      decide(id !== undefined, name),
    );
  }
  const isTrusted = shape.visibility === "internal";
  const known = incoming.name ?? (isTrusted ? lineage?.callee : undefined);
  if (known !== undefined || !sampling.dependsOnName) return decide(isTrusted, known);
  return metadata.name().then((name) => decide(isTrusted, name));
}

function start(incoming: Incoming, metadata: MetadataReader, plan: CallPlan, random = callRandom()): BegunCall {
  const { config, shape, extracted, span } = incoming;
  const clock = callClock(extracted.lineage?.callerTime, shape.visibility === "internal");
  const store: ContextStore = convexContextStore();
  const newRecorder = (record: RecordPlan) =>
    new Recorder(
      shape.type,
      {
        clock,
        random,
        limits: resolveLimits(config.options.limits ?? {}, convexEnv, sampledReport(config.report, random)),
        redact: config.options.redact,
        parent: record.parent,
        traceId: record.traceId,
        sampled: record.sampled,
        entry: record.entry,
      },
      { ...span, links: record.links },
    );
  const call = new TracedCall({
    plan,
    clock,
    store,
    newRecorder,
    correlationId: extracted.correlationId,
    propagates: convexEnv("CONVEX_OTEL_PROPAGATE")?.toLowerCase() !== "off",
    uninstrumented: config.uninstrumented,
  });
  if (call.recorder !== undefined) askPlatform(call.recorder, metadata, extracted);
  return { call, metadata, incoming };
}

/**
 * Starts the readings that the end of the call needs, so that it need not wait for them.
 *
 * A run that was scheduled without a carrier takes the trace id that both sides derive from the job's id, unless it was
 * too quick and has handed out another one. Only the trace id: the platform names the job also to every function that
 * the run calls, and two spans must never have one id.
 */
function askPlatform(recorder: Recorder, metadata: MetadataReader, { spanContext }: Extracted): void {
  void metadata.all();
  if (spanContext !== undefined) return;
  void metadata.scheduledFunctionId().then((id) => {
    if (id !== undefined) recorder.adoptTraceId(derivedIds(id).traceId);
  });
}
