/** What an attempt leads to: the end of its task, the next attempt, or a dead letter. */
import { v, type Infer } from "convex/values";
import { internal } from "./_generated/api";
import type { Doc } from "./_generated/dataModel";
import type { MutationCtx } from "./_generated/server";
import { insertDeadLetter } from "./deadLetters";
import { nextStep, readRetryPolicy, type AttemptResult } from "./model/retryPolicy";

/** What became of an attempt. `obsolete`: another report about it came first. */
export const attemptOutcome = v.union(
  v.literal("processed"),
  v.literal("retry_scheduled"),
  v.literal("dead_lettered"),
  v.literal("obsolete"),
);
export type AttemptOutcome = Infer<typeof attemptOutcome>;

/** Takes note of how an attempt ended. What follows from it is scheduled in the same transaction. */
export async function settleAttempt(
  ctx: MutationCtx,
  task: Doc<"automationTasks">,
  result: AttemptResult,
): Promise<AttemptOutcome> {
  const attempts = task.attempts + 1;
  if (result.kind === "succeeded") {
    await ctx.db.patch("automationTasks", task._id, { status: "succeeded", attempts });
    return "processed";
  }
  // Read when it is needed: a change of a variable takes effect with the next attempt, without a deploy.
  const { RELAY_MAX_ATTEMPTS, RELAY_RETRY_BASE_MS } = process.env;
  const policy = readRetryPolicy(RELAY_MAX_ATTEMPTS, RELAY_RETRY_BASE_MS);
  const lastError = result.detail;
  // Convex seeds Math.random for each run, so a mutation may use it.
  const next = nextStep(result.retryable, attempts, policy, Math.random());
  if (next.kind === "retry") {
    await ctx.db.patch("automationTasks", task._id, { attempts, lastError, dueAt: Date.now() + next.delayMs });
    // In the same transaction as the count: an attempt is never both counted and forgotten.
    await ctx.scheduler.runAfter(next.delayMs, internal.tasks.executeTask, { taskId: task._id });
    return "retry_scheduled";
  }
  await ctx.db.patch("automationTasks", task._id, { status: "dead_lettered", attempts, lastError });
  const { _id: taskId, deliveryDocId } = task;
  await insertDeadLetter(ctx, { deliveryDocId, taskId, reason: next.reason, attempts, detail: lastError });
  return "dead_lettered";
}
