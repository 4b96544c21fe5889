/**
 * One attempt to send, by an action at its end or by `deliver`. What may succeed later is scheduled again; everything else is reported. At most once: if the
 * action dies, its batch is lost.
 *
 * Loaded with `import()` when something is sent: no other function should pay for evaluating it.
 */
import type { ExportResult } from "../../../core/ports.js";
import { retryDelayMs } from "../../../otlp/retry.js";
import { countSpans } from "../../../otlp/split.js";
import type { InstrumentConfig } from "./options.js";
import { callRandom, convexEnv } from "./platform.js";
import { scheduleDelivery } from "./scheduleDelivery.js";
import type { DeliverArgs } from "./types.js";

/** Sends the texts, once, and arranges for what comes after. `timeoutMs` shortens the exporter's own time limit. */
export async function attemptDelivery(
  ctx: object,
  config: InstrumentConfig,
  args: DeliverArgs,
  timeoutMs?: number,
): Promise<void> {
  const { exporter } = config.options;
  if (exporter?.isConfigured(convexEnv) !== true) {
    return lose(config, args.texts, "export.not_configured", "there is no exporter, or its key or endpoint is missing");
  }
  const limit = timeoutMs === undefined ? {} : { timeoutMs };
  const result = await exporter.send(args.texts, { env: convexEnv, ...limit });
  switch (result.outcome) {
    case "delivered":
      return noteAccepted(config, result);
    case "rejected":
      return lose(config, args.texts, "export.rejected", result.message);
    case "retry":
      return tryLater(ctx, config, result, args.failures + 1);
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
    lose(config, texts, "delivery.not_scheduled", thrown instanceof Error ? thrown.message : String(thrown));
  }
}

/**
 * One in so many remarks on deliveries that succeeded is passed on. An isolate remembers nothing, so a setting that is
 * wrong would otherwise be reported with every delivery.
 */
const REMARKS_SAMPLED = 10;

function noteAccepted(config: InstrumentConfig, result: Extract<ExportResult, { outcome: "delivered" }>): void {
  const { rejectedSpans: droppedSpans, message } = result;
  if (droppedSpans > 0) {
    const text = `The backend did not accept ${droppedSpans} spans: ${message ?? "no reason given"}`;
    config.report({ level: "warn", code: "export.partial", message: text, droppedSpans });
  } else if (message !== undefined && callRandom().uint32() % REMARKS_SAMPLED === 0) {
    const text = `${message} (one in ${REMARKS_SAMPLED} such reports is printed)`;
    config.report({ level: "warn", code: "export.remark", message: text });
  }
}

function lose(config: InstrumentConfig, texts: readonly string[], code: string, reason: string): void {
  const droppedSpans = texts.reduce((sum, text) => sum + countSpans(text), 0);
  config.report({ level: "error", code, message: `${droppedSpans} spans were lost: ${reason}.`, droppedSpans });
}
