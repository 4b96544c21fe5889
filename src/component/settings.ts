/** The component's own variables. Read when a function runs: a change needs no deploy. */
import type { Env } from "../core/ports.js";
import { readEnv } from "../otlp/envReader.js";
import { BATCH_DELAY_MS, MAX_AGE_HOURS, MAX_MEGABYTES } from "./limits.js";

/** Convex hands the bound variables over in `process.env`, and throws for names that are not declared. */
export const componentEnv: Env = (name) => process.env[name];

export function batchDelayMs(): number {
  return numberFrom("OTEL_BSP_SCHEDULE_DELAY", BATCH_DELAY_MS);
}

export function maxAgeMs(): number {
  return numberFrom("CONVEX_OTEL_OUTBOX_MAX_AGE_HOURS", MAX_AGE_HOURS) * 3_600_000;
}

export function maxPendingBytes(): number {
  return numberFrom("CONVEX_OTEL_OUTBOX_MAX_MEGABYTES", MAX_MEGABYTES) * 1_000_000;
}

/** A number that cannot be one is not worth losing spans over: the default holds. */
function numberFrom(name: string, otherwise: number): number {
  const text = readEnv(componentEnv, name);
  return text !== undefined && /^\d{1,9}(\.\d{1,6})?$/.test(text) ? Number(text) : otherwise;
}
