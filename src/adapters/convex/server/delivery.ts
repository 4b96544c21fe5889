/**
 * Where the spans of a call go when it has ended.
 *
 * With the component, into its outbox: see `outbox.ts`. Otherwise, an action may use the network: it tries once, for at most a
 * second. A mutation may not, and an HTTP action's response should not wait: they schedule the `deliver` function, a mutation
 * within its own transaction. A mutation that threw has nothing but the console.
 */
import { countSpans } from "../../../otlp/split.js";
import { encodeSpans } from "../../../otlp/encode.js";
import type { Resource, SpanRecord } from "../../../core/types.js";
import { MAX_SPAN_LINE_BYTES, SPAN_LINE_PREFIX, spanLine } from "../../../logs/spanLine.js";
import { SCOPE_NAME, VERSION } from "../../../semconv/version.js";
import type { BegunCall } from "./beginCall.js";
import { enqueue } from "./outbox.js";
import { hasRoom } from "./room.js";
import { spanCount } from "./spanCount.js";
import { scheduleDelivery } from "./scheduleDelivery.js";
import { sendNow } from "./sending.js";
import { reasonOf } from "./reasonOf.js";

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
  if (isRolledBack) {
    // Lines of nested calls count against the 256 of the whole execution; the caller's span has the error in any case.
    if (begun.incoming.extracted.lineage?.edge === "nested") return;
    const maxBytes = MAX_SPAN_LINE_BYTES - SPAN_LINE_PREFIX.length;
    console.log(spanLine(encodeSpans(spans, { resource, scope: SCOPE, maxBytes }).text));
    return;
  }
  const { text } = encodeSpans(spans, { resource, scope: SCOPE });
  const { shape } = begun.incoming;
  if (await enqueue(begun, text)) return;
  if (shape.type === "action") await send(begun, text);
  else if (await hasRoom(begun, { functionsScheduled: 1, scheduledFunctionArgsBytes: text.length }))
    await schedule(begun, text);
  else reportLoss(begun, text, "delivery.no_room", "the transaction is near its limits for scheduled functions");
}

/** What cannot be sent in that time is left to `deliver`. */
async function send({ call, incoming }: BegunCall, text: string): Promise<void> {
  const args = { texts: [text], failures: 0 };
  await call.outside(() => sendNow(incoming.config, incoming.ctx, args, ACTION_SEND_TIMEOUT_MS));
}

async function schedule(begun: BegunCall, text: string): Promise<void> {
  const { config, ctx } = begun.incoming;
  try {
    await begun.call.outside(() => scheduleDelivery(ctx, config, { texts: [text], failures: 0 }));
  } catch (thrown) {
    const advice = `is \`deliver\` exported at "${config.deliverPath}"? Otherwise set the option \`deliver\`.`;
    reportLoss(begun, text, "delivery.not_scheduled", `${reasonOf(thrown)} (${advice})`);
  }
}

function reportLoss({ incoming }: BegunCall, text: string, code: string, reason: string): void {
  const droppedSpans = countSpans(text);
  const message = `${spanCount(droppedSpans)} lost at the end of a ${incoming.shape.type}: ${reason}`;
  incoming.config.report({ level: "error", code, message, droppedSpans });
}
