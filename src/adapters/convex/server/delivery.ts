/**
 * Where the spans of a call go when it has ended.
 *
 * An action may use the network: it tries once, for at most a second. A mutation may not, and an HTTP action's response
 * should not wait: they schedule the `deliver` function, a mutation within its own transaction. A mutation that threw has
 * nothing but the console.
 */
import { countSpans } from "../../../otlp/split.js";
import { encodeSpans } from "../../../otlp/encode.js";
import type { Resource, SpanRecord } from "../../../core/types.js";
import { MAX_SPAN_LINE_BYTES, SPAN_LINE_PREFIX, spanLine } from "../../../logs/spanLine.js";
import { SCOPE_NAME, VERSION } from "../../../semconv/version.js";
import type { BegunCall } from "./beginCall.js";
import { convexEnv } from "./platform.js";
import { scheduleDelivery } from "./scheduleDelivery.js";

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
    const maxBytes = MAX_SPAN_LINE_BYTES - SPAN_LINE_PREFIX.length;
    console.log(spanLine(encodeSpans(spans, { resource, scope: SCOPE, maxBytes }).text));
    return;
  }
  const { text } = encodeSpans(spans, { resource, scope: SCOPE });
  const { shape } = begun.incoming;
  if (shape.type === "action") await sendOrSchedule(begun, text);
  else if (await hasRoom(begun, text)) await schedule(begun, [text], 0);
  else reportLoss(begun, text, "delivery.no_room", "the transaction is near its limits for scheduled functions");
}

async function sendOrSchedule(begun: BegunCall, text: string): Promise<void> {
  const { config } = begun.incoming;
  const options = { env: convexEnv, timeoutMs: ACTION_SEND_TIMEOUT_MS };
  const result = await config.options.exporter?.send([text], options);
  if (result?.outcome === "retry") return schedule(begun, result.texts, 1);
  if (result?.outcome === "rejected") reportLoss(begun, text, "export.rejected", result.message);
  if (result?.outcome === "delivered" && result.rejectedSpans > 0) {
    const message = `The backend did not accept ${result.rejectedSpans} spans: ${result.message ?? "no reason given"}`;
    config.report({ level: "warn", code: "export.partial", message, droppedSpans: result.rejectedSpans });
  }
}

async function schedule(begun: BegunCall, texts: readonly string[], failures: number): Promise<void> {
  const { config, ctx } = begun.incoming;
  try {
    await begun.call.outside(() => scheduleDelivery(ctx, config, { texts, failures }));
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    const advice = `is \`deliver\` exported at "${config.deliverPath}"? Otherwise set the option \`deliver\`.`;
    reportLoss(begun, texts.join(""), "delivery.not_scheduled", `${reason} (${advice})`);
  }
}

/** Telemetry gives way: it leaves a tenth of what Convex allows for what the program may still schedule. */
const RESERVED_SHARE = 0.1;

async function hasRoom({ metadata, incoming }: BegunCall, text: string): Promise<boolean> {
  if (incoming.shape.type !== "mutation") return true;
  const { functionsScheduled, scheduledFunctionArgsBytes } = await metadata.read("getTransactionMetrics");
  return leavesRoom(functionsScheduled, 1) && leavesRoom(scheduledFunctionArgsBytes, text.length);
}

/** On backends that do not tell, there is room. */
function leavesRoom(metric: unknown, needed: number): boolean {
  const { used, remaining } = Object(metric) as { readonly used?: unknown; readonly remaining?: unknown };
  if (typeof used !== "number" || typeof remaining !== "number") return true;
  return remaining - needed >= (used + remaining) * RESERVED_SHARE;
}

function reportLoss({ incoming }: BegunCall, text: string, code: string, reason: string): void {
  const droppedSpans = countSpans(text);
  const message = `${droppedSpans} spans of a ${incoming.shape.type} were lost: ${reason}`;
  incoming.config.report({ level: "error", code, message, droppedSpans });
}
