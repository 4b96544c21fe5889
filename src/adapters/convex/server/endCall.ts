/**
 * The end of a traced call: completes its entry span, turns its spans into text, once, and hands them over. Whatever
 * goes wrong here is reported and forgotten: the handler's result stands.
 */
import { recordError } from "../../../core/api.js";
import type { Recorder } from "../../../core/recorder.js";
import type { SpanRecord } from "../../../core/types.js";
import { CONVEX_TRACE_PARTIAL, CORRELATION_ID } from "../../../semconv/attributes.js";
import type { BegunCall } from "./beginCall.js";
import { handOver } from "./delivery.js";
import type { CallMetadata } from "./metadata.js";
import { callRandom } from "./platform.js";
import { convexResource } from "./resource.js";
import { sampledReport } from "./sampledReport.js";
import { reasonOf } from "./reasonOf.js";
import { convexEnv } from "./surroundings.js";

/** How a handler ended. */
export type Outcome = { readonly ok: true } | { readonly ok: false; readonly thrown: unknown };

/** Completes the entry span with what the platform tells. Left out for spans that are complete already. */
export type DescribeEntry = (recorder: Recorder, metadata: CallMetadata) => void;

/** Ends a call. Never throws. */
export async function endCall(begun: BegunCall, outcome: Outcome, describe: DescribeEntry): Promise<void> {
  const { recorder } = begun.call;
  if (recorder === undefined) return;
  try {
    const endTime = recorder.now();
    if (!outcome.ok) recordError(outcome.thrown, recorder.entry, endTime);
    if (recorder.isEmpty) return;
    const metadata = await begun.metadata.all();
    if (recorder.keepsEntry) describe(recorder, metadata);
    recorder.entry.end(endTime);
    const { config } = begun.incoming;
    const spans = finishedSpans(begun, recorder, endTime);
    if (spans.length === 0) return;
    const resource = convexResource(config.options, metadata, convexEnv, sampledReport(config.report, callRandom()));
    await handOver({ begun, spans, resource, isRolledBack: isMutation(begun) && !outcome.ok });
  } catch (thrown) {
    reportFailure(begun, thrown);
  }
}

function isMutation({ incoming }: BegunCall): boolean {
  return incoming.shape.type === "mutation";
}

/** The spans to export: all of a sampled call; of another one all or none, as `keepUnsampled` says. */
function finishedSpans({ call, incoming }: BegunCall, recorder: Recorder, endTime: number): SpanRecord[] {
  const attributes = { [CORRELATION_ID]: call.correlationId };
  if (recorder.isSampled) return recorder.finish({ endTime, attributes });
  const { keepUnsampled } = incoming.config;
  const isKept =
    typeof keepUnsampled === "function"
      ? keepUnsampled(recorder.finish({ endTime, attributes }))
      : keepUnsampled === "errors" && recorder.entry.hasFailed;
  if (!isKept) return [];
  return recorder.finish({ endTime, attributes: { ...attributes, [CONVEX_TRACE_PARTIAL]: true }, upgrade: true });
}

function reportFailure({ incoming }: BegunCall, thrown: unknown): void {
  incoming.config.report({
    level: "error",
    code: "call.not_recorded",
    message: `The spans of a ${incoming.shape.type} were lost: ${reasonOf(thrown)}`,
  });
}
