/**
 * One attempt to send, by an action at its end or by `deliver`. What may succeed later is scheduled again; everything
 * else is reported. At most once: if the action dies, its batch is lost.
 *
 * Loaded with `import()` when something is sent: no other function should pay for evaluating it.
 */
import type { Exporter, ExportResult } from "../../../core/ports.js";
import { retryDelayMs } from "../../../otlp/retry.js";
import { countSpans } from "../../../otlp/split.js";
import type { InstrumentConfig } from "./options.js";
import { callRandom } from "./platform.js";
import { spanCount } from "./spanCount.js";
import { sampledReport } from "./sampledReport.js";
import { scheduleDelivery } from "./scheduleDelivery.js";
import type { DeliverArgs } from "./types.js";
import { reasonOf } from "./reasonOf.js";
import { convexEnv } from "./surroundings.js";

/** Exporters that do mind it get the chance to say what went wrong. */
const GRACE_MS = 50;

/** Sends the texts, once, and arranges for what comes after. `timeoutMs` shortens the exporter's own time limit. */
export async function attemptDelivery(
  ctx: object,
  config: InstrumentConfig,
  args: DeliverArgs,
  timeoutMs?: number,
): Promise<void> {
  const { exporter } = config.options;
  if (exporter === undefined || !isConfigured(exporter)) {
    return lose(config, args.texts, "export.not_configured", "there is no exporter, or its key or endpoint is missing");
  }
  const result = await trySend(exporter, args.texts, timeoutMs);
  switch (result.outcome) {
    case "delivered":
      return noteAccepted(config, result);
    case "rejected":
      return lose(config, args.texts, "export.rejected", result.message);
    case "retry":
      return tryLater(ctx, config, result, args.failures + 1);
  }
}

function isConfigured(exporter: Exporter): boolean {
  try {
    return exporter.isConfigured(convexEnv);
  } catch {
    return false;
  }
}

/** An exporter must not throw, but one that does must not fail a job, nor lose what another attempt may bring home. */
async function trySend(
  exporter: Exporter,
  texts: readonly string[],
  timeoutMs: number | undefined,
): Promise<ExportResult> {
  try {
    return await sendWithin(exporter, texts, timeoutMs);
  } catch (thrown) {
    return { outcome: "retry", texts, rejectedSpans: 0, message: reasonOf(thrown) };
  }
}

/** A user's action does not wait for an exporter that minds no time limit. */
async function sendWithin(
  exporter: Exporter,
  texts: readonly string[],
  timeoutMs: number | undefined,
): Promise<ExportResult> {
  if (timeoutMs === undefined) return exporter.send(texts, { env: convexEnv });
  const sent = exporter.send(texts, { env: convexEnv, timeoutMs });
  // Should it fail after the time is up, nobody is there to hear it.
  sent.catch(() => undefined);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<ExportResult>((resolve) => {
    const message = `no answer in ${timeoutMs} ms`;
    timer = setTimeout(() => resolve({ outcome: "retry", texts, rejectedSpans: 0, message }), timeoutMs + GRACE_MS);
  });
  try {
    return await Promise.race([sent, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function tryLater(
  ctx: object,
  config: InstrumentConfig,
  result: Extract<ExportResult, { outcome: "retry" }>,
  failures: number,
): Promise<void> {
  const { texts, retryAfterMs } = result;
  const delayMs = retryDelayMs(failures, {
    random: callRandom(),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
  if (delayMs === undefined) {
    return lose(config, texts, "export.gave_up", `gave up after ${failures} attempts: ${result.message}`);
  }
  try {
    await scheduleDelivery(ctx, config, { texts, failures }, delayMs);
  } catch (thrown) {
    lose(config, texts, "delivery.not_scheduled", reasonOf(thrown));
  }
}

function noteAccepted(config: InstrumentConfig, result: Extract<ExportResult, { outcome: "delivered" }>): void {
  const { rejectedSpans: droppedSpans, message } = result;
  if (droppedSpans > 0) {
    const text = `${spanCount(droppedSpans)} not accepted by the backend: ${message ?? "no reason given"}`;
    config.report({ level: "warn", code: "export.partial", message: text, droppedSpans });
  } else if (message !== undefined) {
    sampledReport(config.report, callRandom())({ level: "warn", code: "export.remark", message });
  }
}

function lose(config: InstrumentConfig, texts: readonly string[], code: string, reason: string): void {
  const droppedSpans = texts.reduce((sum, text) => sum + countSpans(text), 0);
  config.report({ level: "error", code, message: `${spanCount(droppedSpans)} lost: ${reason}.`, droppedSpans });
}
