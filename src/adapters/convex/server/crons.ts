/** Cron jobs that tell their runs what they are. */
import type { Crons } from "convex/server";
import { covers } from "../../../core/sampler.js";
import { encodeCarrier } from "../../../propagation/carrier.js";
import { CONVEX_CRON_NAME, FAAS_CRON } from "../../../semconv/attributes.js";
import { canCarry, withCarrier } from "./carrierArgs.js";

/**
 * Gives every job of an instrumented function a carrier that names the job and its schedule. It names no span: nothing
 * enqueues a cron run, so each is the root of its own trace.
 */
export function nameCronRuns(crons: Crons, uninstrumented: readonly string[]): Crons {
  for (const [name, job] of Object.entries(crons.crons)) {
    // `cronJobs()` keeps the arguments of a job as the JSON list that Convex calls the function with.
    const [args, ...more]: unknown[] = Array.isArray(job.args) ? job.args : [];
    if (uninstrumented.some((pattern) => covers(pattern, job.name)) || !canCarry(args)) continue;
    const baggage = [
      { key: CONVEX_CRON_NAME, value: name },
      { key: FAAS_CRON, value: describeSchedule(job.schedule) },
    ];
    Object.assign(job, { args: [withCarrier(args, encodeCarrier({ baggage })), ...more] });
  }
  return crons;
}

/** A cron expression as it is, other schedules as `interval minutes=5` or `daily hourUTC=4 minuteUTC=30`. */
function describeSchedule(schedule: object): string {
  const { type, cron, ...rest } = schedule as { readonly type?: unknown; readonly cron?: unknown };
  if (typeof cron === "string") return cron;
  const fields = Object.entries(rest).map(([name, value]) => `${name}=${String(value)}`);
  return [String(type), ...fields].join(" ");
}
