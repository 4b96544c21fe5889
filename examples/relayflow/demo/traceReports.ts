/** Which trace belongs to which webhook, and whether it is as it should be: one trace, one root, no loose ends. */
import type { SpanRecord } from "../../../src/core/types.js";
import { DanglingParentError, DuplicateSpanError, ParentLoopError } from "../../../src/testing/spanTreeErrors.js";
import { spanTree } from "../../../src/testing/spanTree.js";
import type { ScenarioRun, SentWebhook } from "./runScenario.js";

/** A webhook and its trace. */
export interface TraceReport {
  readonly webhook: SentWebhook;
  /** The id to search for: the answer says it in `X-Correlation-ID`. */
  readonly correlationId: string | undefined;
  /** Undefined if the spans went elsewhere and the app has not stored it: a refused webhook is not stored. */
  readonly traceId: string | undefined;
  /** The spans that carry the correlation id. Empty if they were sent elsewhere. */
  readonly spans: readonly SpanRecord[];
}

/** Finds the spans of each webhook by its correlation id, as a person would. */
export function traceReports(run: ScenarioRun, spans: readonly SpanRecord[]): readonly TraceReport[] {
  return run.webhooks.map((webhook) => {
    const { correlationId } = webhook;
    const own = spans.filter((span) => span.attributes["correlation.id"] === correlationId);
    const traceId = own[0]?.traceId ?? storedTraceId(run, webhook);
    return { webhook, correlationId, traceId, spans: own };
  });
}

/** The app keeps the trace of a delivery, to link replays to it. */
function storedTraceId({ content }: ScenarioRun, { eventId }: SentWebhook): string | undefined {
  const delivery = content["webhookDeliveries"]?.find(({ deliveryId }) => deliveryId === eventId);
  const traceparent = delivery?.["traceparent"];
  return typeof traceparent === "string" ? traceparent.split("-")[1] : undefined;
}

/** What is wrong with the traces; empty if nothing is. */
export function spanProblems(traces: readonly TraceReport[]): readonly string[] {
  return traces.flatMap(({ webhook: { step }, spans }) => {
    const roots = spans.filter((span) => span.parentSpanId === undefined);
    const traceIds = new Set(spans.map((span) => span.traceId));
    const counts = `${traceIds.size} traces with ${roots.length} roots`;
    const problem = traceIds.size === 1 && roots.length === 1 ? looseEnds(spans) : counts;
    return problem === undefined ? [] : [`${step.event}: ${problem}, expected one trace with one root`];
  });
}

function looseEnds(spans: readonly SpanRecord[]): string | undefined {
  try {
    spanTree(spans);
    return undefined;
  } catch (error) {
    if (error instanceof DanglingParentError) return "a span whose parent is missing";
    if (error instanceof DuplicateSpanError) return "a span that came twice";
    if (error instanceof ParentLoopError) return "spans that are their own ancestors";
    throw error;
  }
}
