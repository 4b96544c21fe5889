/**
 * The one document that says who drains. Everything that changes it goes through here, so that one place keeps its promise:
 * at any time, at most one drain has the current generation, and while something may wait, one look of the watchdog is due.
 */
import type { WithoutSystemFields } from "convex/server";
import { internal } from "./_generated/api.js";
import type { Doc } from "./_generated/dataModel.js";
import type { MutationCtx, QueryCtx } from "./_generated/server.js";
import { noteDrops, withUnansweredReport } from "./dropReport.js";
import { LEASE_MS, WATCH_MS } from "./limits.js";

export type Runner = Doc<"runner">;
export type RunnerFields = WithoutSystemFields<Runner>;

/** The runner, or null before the first text. */
export async function findRunner(ctx: QueryCtx): Promise<Runner | null> {
  return ctx.db.query("runner").first();
}

/** The runner, made if need be. Two that make it at once conflict, and one of them finds it at its second try. */
export async function getRunner(ctx: MutationCtx): Promise<Runner> {
  const found = await findRunner(ctx);
  if (found !== null) return found;
  const id = await ctx.db.insert("runner", NEW_RUNNER);
  const made = await ctx.db.get("runner", id);
  if (made === null) throw new Error("the runner was not stored");
  return made;
}

const NOTHING_DROPPED = { age: 0, bytes: 0, rejected: 0, refused: 0, purged: 0 };

/** Before the first text. */
export const NEW_RUNNER: RunnerFields = {
  status: "idle",
  generation: 0,
  until: 0,
  failures: 0,
  watchAt: 0,
  idleSince: 0,
  mark: 0,
  inFlight: { spans: 0, upTo: 0 },
  resendUpTo: 0,
  measured: { upTo: 0, texts: 0, bytes: 0 },
  delivered: 0,
  resent: 0,
  restarts: 0,
  dropped: NOTHING_DROPPED,
  told: { dropped: NOTHING_DROPPED, untoldSince: 0 },
};

/** Whether somebody drains, or will, or must not. */
export function isAwake(runner: Runner, now: number): boolean {
  return runner.status !== "idle" && runner.until > now;
}

/** Starts a new drain. One that was there loses its place, and what it was sending may arrive twice. */
export async function startDrain(
  ctx: MutationCtx,
  runner: Runner,
  fields: RunnerFields,
  delayMs: number,
  why: "asked" | "lost" = "asked",
): Promise<void> {
  const generation = fields.generation + 1;
  const { inFlight } = fields;
  const started = await continueLater(
    ctx,
    {
      ...(inFlight.spans === 0 ? fields : withUnansweredReport(fields)),
      generation,
      idleSince: 0,
      inFlight: { spans: 0, upTo: 0 },
      resendUpTo: Math.max(fields.resendUpTo, inFlight.upTo),
      resent: fields.resent + inFlight.spans,
      restarts: fields.restarts + (why === "lost" ? 1 : 0),
    },
    delayMs,
  );
  await save(ctx, runner, await withWatch(ctx, started, WATCH_MS));
}

/** Lets the current drain go on later, with its generation. */
export async function continueLater(ctx: MutationCtx, fields: RunnerFields, delayMs: number): Promise<RunnerFields> {
  await ctx.scheduler.runAfter(delayMs, internal.drain.drain, { generation: fields.generation });
  return { ...fields, status: "waiting", until: Date.now() + delayMs + LEASE_MS };
}

/**
 * Sees to it that a look of the watchdog is due by then. One that is due earlier stays: it will see for itself. One that is due
 * later (after a pause), or long overdue and did not run (it was cancelled by hand, say), is replaced.
 */
export async function withWatch(ctx: MutationCtx, fields: RunnerFields, delayMs: number): Promise<RunnerFields> {
  const now = Date.now();
  const watchAt = now + delayMs;
  if (fields.watchAt > now - LEASE_MS && fields.watchAt <= watchAt) return fields;
  await ctx.scheduler.runAt(watchAt, internal.watch.watch, { watchAt });
  return { ...fields, watchAt };
}

/** Writes the runner. */
export async function save(ctx: MutationCtx, { _id }: Runner, fields: RunnerFields): Promise<void> {
  await ctx.db.replace("runner", _id, noteDrops(fields));
}

/** The runner without what Convex adds. */
export function fieldsOf({ _id, _creationTime, ...fields }: Runner): RunnerFields {
  return fields;
}
