/**
 * What is said about drops: one span for all of a while, which goes out after the next batch. It waits in the runner, which the
 * drain writes anyway, until a backend has answered for it. It is no text, so neither retention nor a purge takes it, and
 * when it is refused nothing is said about that: there is no report of reports.
 */
import type { Infer } from "convex/values";
import { newSpanId, newTraceId } from "../core/ids.js";
import { random } from "./random.js";
import type { RunnerFields } from "./runner.js";
import type { vDropped, vDropReport } from "./schema.js";

export type Dropped = Infer<typeof vDropped>;
export type DropReport = Infer<typeof vDropReport>;

/** The reasons, in the order in which they are documented. */
export const REASONS = ["age", "bytes", "rejected", "refused", "purged"] as const satisfies (keyof Dropped)[];

export function sumOf(dropped: Dropped): number {
  return REASONS.reduce((sum, reason) => sum + dropped[reason], 0);
}

/** Notes when the first drop was that no report speaks of. Called for all that is written, whoever dropped something. */
export function noteDrops(fields: RunnerFields): RunnerFields {
  const { told, dropped } = fields;
  if (told.untoldSince !== 0 || sumOf(dropped) === sumOf(told.dropped)) return fields;
  return { ...fields, told: { ...told, untoldSince: Date.now() } };
}

/** With a report, if something was dropped. One that was sent stays as it is: should it arrive twice, it is one span. */
export function withReport(fields: RunnerFields): RunnerFields {
  const { told, dropped } = fields;
  if (told.report !== undefined || told.untoldSince === 0) return fields;
  const report: DropReport = {
    traceId: newTraceId(random),
    spanId: newSpanId(random),
    since: told.untoldSince,
    upTo: Date.now(),
    dropped: minus(dropped, told.dropped),
    mayHaveArrived: false,
  };
  return { ...fields, told: { dropped, untoldSince: 0, report } };
}

/** Without the report that a backend has answered for. One that was sent by a drain that was replaced may be another one. */
export function withoutReport(fields: RunnerFields, spanId: string | undefined): RunnerFields {
  const { report, ...told } = fields.told;
  return report !== undefined && report.spanId === spanId ? { ...fields, told } : fields;
}

/** With a report that was sent and not answered for, if there is one. */
export function withUnansweredReport(fields: RunnerFields): RunnerFields {
  const { report, ...told } = fields.told;
  return report === undefined ? fields : { ...fields, told: { ...told, report: { ...report, mayHaveArrived: true } } };
}

/** After a batch that failed nothing was said: a report that nobody has seen yet makes room for a fuller one. */
export function withoutUnsentReport(fields: RunnerFields): RunnerFields {
  const { dropped, report } = fields.told;
  if (report === undefined || report.mayHaveArrived) return fields;
  return { ...fields, told: { dropped: minus(dropped, report.dropped), untoldSince: report.since } };
}

function minus(all: Dropped, part: Dropped): Dropped {
  return {
    age: all.age - part.age,
    bytes: all.bytes - part.bytes,
    rejected: all.rejected - part.rejected,
    refused: all.refused - part.refused,
    purged: all.purged - part.purged,
  };
}
