/**
 * Where the spans of a call go when it has ended.
 *
 * With the component, into its outbox, in the transaction of a mutation. Otherwise, an action may use the network: it tries once, for at most a
 * second. A mutation may not, and an HTTP action's response should not wait: they schedule the `deliver` function, a mutation
 * within its own transaction. A mutation that threw has nothing but the console.
 */
import { countSpans } from "../../../otlp/split.js";
import { encodeSpans } from "../../../otlp/encode.js";
import { FLAG_SAMPLED } from "../../../core/recorder.js";
import type { Resource, SpanRecord } from "../../../core/types.js";
import { MAX_SPAN_LINE_BYTES, SPAN_LINE_PREFIX, spanLine } from "../../../logs/spanLine.js";
import { SCOPE_NAME, VERSION } from "../../../semconv/version.js";
import type { BegunCall } from "./beginCall.js";
import { spanCount } from "./spanCount.js";
import { scheduleDelivery } from "./scheduleDelivery.js";
import { sendNow } from "./sending.js";
import { callRandom } from "./platform.js";
import { reasonOf } from "./reasonOf.js";
import { sampledReport } from "./sampledReport.js";
import type { CtxMethod } from "./tracedCalls.js";

/** What there is to deliver. */
export interface Delivery {
  readonly begun: BegunCall;
  readonly spans: readonly SpanRecord[];
  readonly resource: Resource;
  /** True for a mutation that threw. */
  readonly isRolledBack: boolean;
}

/** The longest an action's caller waits for an exporter. */
const ACTION_SEND_TIMEOUT_MS = 1_000;

const SCOPE = { name: SCOPE_NAME, version: VERSION };

/** Hands the spans of a call over. */
export async function handOver({ begun, spans, resource, isRolledBack }: Delivery): Promise<void> {
  const { extracted, shape } = begun.incoming;
  const edge = extracted.lineage?.edge;
  const isNested = edge === "nested";
  if (isRolledBack) {
    // Lines of nested calls count against the 256 of the whole execution; the caller's span has the error in any case.
    if (isNested) return;
    const maxBytes = MAX_SPAN_LINE_BYTES - SPAN_LINE_PREFIX.length;
    console.log(spanLine(encodeSpans(spans, { resource, scope: SCOPE, maxBytes }).text));
    return;
  }
  const { text } = encodeSpans(spans, { resource, scope: SCOPE });
  // Scheduled, called by an action, or by a client: nothing follows in the transaction.
  const isOutermost = edge === undefined ? shape.visibility === "public" : !isNested;
  // A caller that is sampled hands over its own spans at its end, and wakes the outbox for all. Anyone could say that to a public
  // function, whose spans would wait for somebody else then.
  const isCallerSampled = ((extracted.spanContext?.traceFlags ?? 0) & FLAG_SAMPLED) !== 0;
  const more = isNested && shape.visibility === "internal" && isCallerSampled;
  if (await hasRoom(begun, text, isOutermost)) await begun.call.outside(() => leave(begun, text, more));
  else reportLoss(begun, text, "delivery.no_room", "the transaction is near its limits");
}

/** Into the outbox. What that cannot take leaves as without it: an action sends, and leaves to `deliver` what takes too long. */
async function leave(begun: BegunCall, text: string, more: boolean): Promise<void> {
  const { config, ctx, shape } = begun.incoming;
  const { outbox } = config.options;
  const caller = ctx as { readonly runMutation: CtxMethod };
  const args = { texts: [text], failures: 0 };
  try {
    if (outbox && (await caller.runMutation(outbox.enqueue.enqueue, { text, more })) === true) return;
  } catch (thrown) {
    // A sub-transaction that fails takes back what it did, and nothing else.
    const message = `Sent without it: ${reasonOf(thrown)}`;
    sampledReport(config.report, callRandom())({ level: "warn", code: "outbox.failed", message });
  }
  if (shape.type === "action") return sendNow(config, ctx, args, ACTION_SEND_TIMEOUT_MS);
  try {
    await scheduleDelivery(ctx, config, args);
  } catch (thrown) {
    const advice = `is \`deliver\` exported at "${config.deliverPath}"? Otherwise set the option \`deliver\`.`;
    reportLoss(begun, text, "delivery.not_scheduled", `${reasonOf(thrown)} (${advice})`);
  }
}

/**
 * Telemetry gives way. At the end of a transaction it leaves a tenth of what Convex allows. A call inside of one, and a
 * call of which that is not known, leaves nearly all: its caller may still want to use as much as it is allowed.
 */
const SHARE_AT_END = 0.9;
const SHARE_INSIDE = 0.05;

/** Of each, what the outbox or a job would take, whichever is more. On backends that do not tell, there is room. */
async function hasRoom({ metadata, incoming }: BegunCall, { length }: string, isOutermost: boolean): Promise<boolean> {
  if (incoming.shape.type !== "mutation") return true;
  const share = isOutermost ? SHARE_AT_END : SHARE_INSIDE;
  const needs = {
    functionsScheduled: 1,
    scheduledFunctionArgsBytes: length,
    documentsWritten: 1,
    bytesWritten: length,
  };
  const metrics = await metadata.read("getTransactionMetrics");
  return Object.entries(needs).every(([name, needed]) => {
    const { used, remaining } = Object(metrics[name]) as { readonly used: number; readonly remaining: number };
    return !(used + needed > (used + remaining) * share);
  });
}

function reportLoss({ incoming }: BegunCall, text: string, code: string, reason: string): void {
  const droppedSpans = countSpans(text);
  const message = `${spanCount(droppedSpans)} lost at the end of a ${incoming.shape.type}: ${reason}`;
  incoming.config.report({ level: "error", code, message, droppedSpans });
}
