/**
 * What a drain reports after each batch: delivered texts go, refused ones are set aside, and the next batch is given out in the
 * same transaction, so that a busy outbox costs one call for each batch.
 */
import { v } from "convex/values";
import { countSpans } from "../otlp/split.js";
import type { Id } from "./_generated/dataModel.js";
import { internalMutation, type MutationCtx } from "./_generated/server.js";
import { pauseMs } from "./breaker.js";
import { withoutReport, withoutUnsentReport, withUnansweredReport } from "./dropReport.js";
import type { Spell } from "./head.js";
import { giveOut, oldest, vBatch, type Batch } from "./nextBatch.js";
import { beIdle } from "./rest.js";
import { continueLater, fieldsOf, findRunner, type Runner, type RunnerFields, save, withWatch } from "./runner.js";
import { type Report, vReport } from "./sendBatch.js";
import { batchDelayMs } from "./settings.js";
import { WATCH_MS } from "./limits.js";

export const settle = internalMutation({
  args: { generation: v.number(), report: vReport, goOn: v.boolean() },
  returns: v.union(v.null(), vBatch),
  handler: async (ctx, { generation, report, goOn }) => {
    const runner = await findRunner(ctx);
    if (runner === null) return null;
    const removed = await remove(ctx, runner, report);
    const counted = count(runner, report, removed);
    // Replaced or paused meanwhile: what was delivered is gone all the same, so that nobody sends it a third time.
    if (runner.generation !== generation) {
      await save(ctx, runner, isPausedDrain(runner, generation) ? landed(counted, report) : counted);
      return null;
    }
    const { fields, batch } = await next(ctx, counted, report, goOn);
    await save(ctx, runner, await withWatch(ctx, fields, WATCH_MS));
    return batch;
  },
});

/** Whether a pause has replaced this drain, and nobody since: what is in flight is still its batch. */
function isPausedDrain(runner: Runner, generation: number): boolean {
  return runner.status === "paused" && runner.generation === generation + 1;
}

/** What was deleted. */
interface Removed {
  /** Of what the watchdog had measured. */
  readonly measured: { readonly texts: number; readonly bytes: number };
  /** Spans that were set aside. */
  readonly refused: number;
}

/** Deletes by id alone: no range, so no conflict with those who insert. */
async function remove(ctx: MutationCtx, runner: Runner, { done }: Report): Promise<Removed> {
  const measured = { texts: 0, bytes: 0 };
  let setAside = 0;
  for (const { id, createdAt, bytes, again, refused } of done) {
    // Retention or a purge came first.
    if ((await deleteText(ctx, id)) === "was gone") continue;
    for (const text of again) await ctx.db.insert("texts", { text });
    for (const part of refused) {
      await ctx.db.insert("failed", part);
      setAside += countSpans(part.text);
    }
    if (createdAt <= runner.measured.upTo) {
      measured.texts += 1;
      measured.bytes += bytes;
    }
  }
  return { measured, refused: setAside };
}

/** Convex reads what it deletes, and that is paid for: so nobody looks before whether it is there. */
async function deleteText(ctx: MutationCtx, id: Id<"texts">): Promise<"deleted" | "was gone"> {
  try {
    await ctx.db.delete("texts", id);
    return "deleted";
  } catch (error) {
    if ((await ctx.db.get("texts", id)) === null) return "was gone";
    throw error;
  }
}

function count(runner: Runner, report: Report, { measured, refused }: Removed): RunnerFields {
  const fields = withoutReport(fieldsOf(runner), report.told);
  const { delivered, dropped } = fields;
  const message = report.failure?.message ?? report.message;
  return {
    ...fields,
    delivered: delivered + report.delivered,
    dropped: { ...dropped, rejected: dropped.rejected + report.rejected, refused: dropped.refused + refused },
    measured: {
      upTo: runner.measured.upTo,
      texts: Math.max(0, runner.measured.texts - measured.texts),
      bytes: Math.max(0, runner.measured.bytes - measured.bytes),
    },
    ...(message === undefined ? {} : { lastError: { at: Date.now(), message } }),
  };
}

/** Where the drain goes from here. */
async function next(
  ctx: MutationCtx,
  counted: RunnerFields,
  report: Report,
  goOn: boolean,
): Promise<{ readonly fields: RunnerFields; readonly batch: Batch | null }> {
  if (report.failure !== undefined) return { fields: await failed(ctx, counted, report), batch: null };
  const fields = { ...landed(counted, report), failures: 0 };
  const gone = spellOf(report);
  const head = await oldest(ctx, fields, gone);
  const [first] = head.texts;
  if (first === undefined) return { fields: await beIdle(ctx, fields), batch: null };
  const moved = { ...fields, mark: Math.min(first.createdAt, gone?.from ?? Infinity) };
  // What is left over from a batch that was split, too, goes on at once.
  if (goOn && (head.isFull || first.createdAt <= counted.inFlight.upTo)) return giveOut(moved, head);
  return { fields: await continueLater(ctx, moved, goOn ? batchDelayMs() : 0), batch: null };
}

/** When the texts were created that are through. A batch is sent in their order, so none of it that is left lies between them. */
function spellOf({ done }: Report): Spell | undefined {
  const [first, last] = [done[0], done.at(-1)];
  return first === undefined || last === undefined ? undefined : { from: first.createdAt, upTo: last.createdAt };
}

/** The breaker: nobody sends before the pause is over, and the first who does is a probe of one request. */
async function failed(ctx: MutationCtx, before: RunnerFields, report: Report): Promise<RunnerFields> {
  const failures = before.failures + 1;
  const fields = { ...landed(before, report), failures };
  return continueLater(ctx, fields, pauseMs(failures, report.failure?.retryAfterMs));
}

/** Nothing is in flight any more. What may have arrived will be sent again all the same, and is counted and marked. */
function landed(fields: RunnerFields, { failure }: Report): RunnerFields {
  const down = { ...fields, inFlight: { spans: 0, upTo: 0 } };
  if (failure === undefined) {
    const untold = fields.told.report === undefined ? 0 : 1;
    return { ...withUnansweredReport(down), resent: fields.resent + untold };
  }
  const { inFlight, resent, resendUpTo } = fields;
  const unsent = withoutUnsentReport(down);
  if (failure.mayHaveArrived === 0) return unsent;
  return { ...unsent, resent: resent + failure.mayHaveArrived, resendUpTo: Math.max(resendUpTo, inFlight.upTo) };
}
