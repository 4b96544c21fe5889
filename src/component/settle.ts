/**
 * What a drain reports after each batch: delivered texts go, refused ones are set aside, and the next batch is given out in the
 * same transaction, so that a busy outbox costs one call for each batch.
 */
import { type Infer, v } from "convex/values";
import type { Id } from "./_generated/dataModel.js";
import { internalMutation, type MutationCtx } from "./_generated/server.js";
import { pauseMs } from "./breaker.js";
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
      await save(ctx, runner, counted);
      return null;
    }
    const { fields, batch } = await next(ctx, counted, report, goOn, removed.ids);
    await save(ctx, runner, await withWatch(ctx, fields, WATCH_MS));
    return batch;
  },
});

/** What was deleted. */
interface Removed {
  readonly ids: readonly Id<"texts">[];
  /** Of what the watchdog had measured. */
  readonly measured: { readonly texts: number; readonly bytes: number };
  readonly newest: number;
}

/** Reads and deletes by id alone: no range, so no conflict with those who insert. */
async function remove(ctx: MutationCtx, runner: Runner, { done }: Report): Promise<Removed> {
  const ids: Id<"texts">[] = [];
  const measured = { texts: 0, bytes: 0 };
  let newest = 0;
  for (const { id, again, refused } of done) {
    const found = await ctx.db.get("texts", id);
    // Retention or a purge came first.
    if (found === null) continue;
    await ctx.db.delete("texts", id);
    for (const text of again) await ctx.db.insert("texts", { text });
    for (const part of refused) await ctx.db.insert("failed", part);
    ids.push(id);
    newest = Math.max(newest, found._creationTime);
    if (found._creationTime <= runner.measured.upTo) {
      measured.texts += 1;
      measured.bytes += found.text.length;
    }
  }
  return { ids, measured, newest };
}

function count(runner: Runner, report: Report, { measured }: Removed): RunnerFields {
  const { delivered, dropped } = runner;
  const message = report.failure?.message ?? report.message;
  return {
    ...fieldsOf(runner),
    delivered: delivered + report.delivered,
    dropped: { ...dropped, rejected: dropped.rejected + report.rejected },
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
  except: readonly Id<"texts">[],
): Promise<{ readonly fields: RunnerFields; readonly batch: Batch | null }> {
  if (report.failure !== undefined) return { fields: await failed(ctx, counted, report.failure), batch: null };
  const fields = { ...counted, failures: 0, inFlight: { spans: 0, upTo: 0 } };
  const head = await oldest(ctx, fields, except);
  const [first] = head.texts;
  if (first === undefined) return { fields: await beIdle(ctx, fields), batch: null };
  const moved = { ...fields, mark: first.createdAt };
  // What is left over from a batch that was split, too, goes on at once.
  if (goOn && (head.isFull || first.createdAt <= counted.inFlight.upTo)) return giveOut(moved, head);
  return { fields: await continueLater(ctx, moved, goOn ? batchDelayMs() : 0), batch: null };
}

/** The breaker: nobody sends before the pause is over, and the first who does is a probe of one request. */
async function failed(
  ctx: MutationCtx,
  fields: RunnerFields,
  failure: NonNullable<Infer<typeof vReport>["failure"]>,
): Promise<RunnerFields> {
  const { inFlight } = fields;
  const failures = fields.failures + 1;
  const after = {
    ...fields,
    failures,
    inFlight: { spans: 0, upTo: 0 },
    ...(failure.mayHaveArrived
      ? { resent: fields.resent + inFlight.spans, resendUpTo: Math.max(fields.resendUpTo, inFlight.upTo) }
      : {}),
  };
  return continueLater(ctx, after, pauseMs(failures, failure.retryAfterMs));
}
