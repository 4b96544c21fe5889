/** How spans are collected into requests, from code and `OTEL_BSP_*` variables. */
import type { Diagnostics, Env } from "../core/ports.js";
import { firstValid } from "../otlp/envReader.js";

/** How spans wait and leave. Code wins over the `OTEL_BSP_*` variables. */
export interface BatchOptions {
  /** Time from the end of a span until it is sent, in milliseconds. @defaultValue `OTEL_BSP_SCHEDULE_DELAY`, 5,000 */
  readonly delayMs?: number;
  /** Spans of one request. @defaultValue `OTEL_BSP_MAX_EXPORT_BATCH_SIZE`, 512 */
  readonly maxSpans?: number;
  /** Spans that may wait for a request; more are dropped and counted. @defaultValue `OTEL_BSP_MAX_QUEUE_SIZE`, 2,048 */
  readonly maxQueue?: number;
  /** Longest time for one request with its retries, in milliseconds. @defaultValue `OTEL_BSP_EXPORT_TIMEOUT`, 30,000 */
  readonly timeoutMs?: number;
  /**
   * Requests that are under way at the same time. To an exporter of the OpenTelemetry SDK it is always one, as specified.
   *
   * @defaultValue 30, as in the exporters of that SDK
   */
  readonly concurrency?: number;
}

/** Batch options with the defaults filled in. */
export type BatchSettings = Required<BatchOptions>;

/** Defaults of the OpenTelemetry specification (`configuration/sdk-environment-variables.md`), and of the SDK's exporter. */
const DEFAULTS: BatchSettings = { delayMs: 5_000, maxSpans: 512, maxQueue: 2_048, timeoutMs: 30_000, concurrency: 30 };

const VARIABLES: { readonly [Name in keyof BatchSettings]: readonly string[] } = {
  delayMs: ["OTEL_BSP_SCHEDULE_DELAY"],
  maxSpans: ["OTEL_BSP_MAX_EXPORT_BATCH_SIZE"],
  maxQueue: ["OTEL_BSP_MAX_QUEUE_SIZE"],
  timeoutMs: ["OTEL_BSP_EXPORT_TIMEOUT"],
  concurrency: [],
};

/** The settings in force. A variable that is not a whole number above 0 is reported and ignored. */
export function batchSettings(code: BatchOptions, env: Env, report: Diagnostics): BatchSettings {
  const positive = (text: string) => (/^0*[1-9]\d{0,8}$/.test(text) ? Number(text) : undefined);
  const settings = { ...DEFAULTS };
  for (const name of Object.keys(DEFAULTS) as (keyof BatchSettings)[]) {
    const fromEnv = firstValid(env, VARIABLES[name], "a whole number above 0", positive, report);
    settings[name] = code[name] ?? fromEnv?.value ?? settings[name];
  }
  return { ...settings, maxSpans: Math.min(settings.maxSpans, settings.maxQueue) };
}
