/**
 * The watchdog: one look a minute while something waits or runs, and none otherwise. It is a mutation, which Convex runs exactly
 * once, so it is what a drain that died, and a caller that saw a drain which was about to end, can rely on.
 */
import { v } from "convex/values";
import { internal } from "./_generated/api.js";
import { internalMutation, type MutationCtx } from "./_generated/server.js";
import { LATE_MS, LEASE_MS, MEASURE_PAUSE_MS, PAUSED_WATCH_MS, WATCH_MS } from "./limits.js";
import { retain, type Retained } from "./retention.js";
import { fieldsOf, findRunner, type Runner, type RunnerFields, save, startDrain } from "./runner.js";

export const watch = internalMutation({
  args: { watchAt: v.number() },
  returns: v.null(),
  handler: async (ctx, { watchAt }) => {
    const runner = await findRunner(ctx);
    // Another look has taken its place.
    if (runner?.watchAt !== watchAt) return null;
    const { fields, more } = await retain(ctx, { ...fieldsOf(runner), watchAt: 0 });
    await look(ctx, runner, fields, more);
    return null;
  },
});

async function look(ctx: MutationCtx, runner: Runner, fields: RunnerFields, more: Retained["more"]): Promise<void> {
  const now = Date.now();
  switch (fields.status) {
    case "idle":
      return lookAtIdle(ctx, runner, fields);
    case "paused":
      return lookAtPaused(ctx, runner, fields, more);
    case "running":
    case "waiting":
      if (fields.until > now) return lookAgain(ctx, runner, fields, delayMs(fields, more));
      // Its lease is over and it was not heard of: it is lost.
      await startDrain(ctx, runner, fields, 0, "lost");
  }
}

/** What is too much goes at once. Measuring makes room for the drain, unless that waits for a backend which is down. */
function delayMs({ failures }: RunnerFields, more: Retained["more"]): number {
  if (more === "nothing") return WATCH_MS;
  return more === "measuring" && failures === 0 ? MEASURE_PAUSE_MS : 0;
}

/** Everybody who could have seen the drain running has ended by now, or will have by the next look. */
async function lookAtIdle(ctx: MutationCtx, runner: Runner, fields: RunnerFields): Promise<void> {
  const left = await ctx.db.query("texts").first();
  if (left !== null) {
    await startDrain(ctx, runner, { ...fields, mark: Math.min(fields.mark, left._creationTime) }, 0);
    return;
  }
  const rest = fields.idleSince + LATE_MS - Date.now();
  if (rest > 0) return lookAgain(ctx, runner, fields, rest);
  await save(ctx, runner, fields);
}

/** Retention goes on while something waits; nothing else does. */
async function lookAtPaused(
  ctx: MutationCtx,
  runner: Runner,
  fields: RunnerFields,
  more: Retained["more"],
): Promise<void> {
  const left = await ctx.db.query("texts").first();
  if (left === null) return void (await save(ctx, runner, { ...fields, until: 0 }));
  const pauseMs = more === "nothing" ? PAUSED_WATCH_MS : 0;
  return lookAgain(ctx, runner, { ...fields, until: Date.now() + pauseMs + LEASE_MS }, pauseMs);
}

async function lookAgain(ctx: MutationCtx, runner: Runner, fields: RunnerFields, afterMs: number): Promise<void> {
  const watchAt = Date.now() + afterMs;
  await ctx.scheduler.runAt(watchAt, internal.watch.watch, { watchAt });
  await save(ctx, runner, { ...fields, watchAt });
}
