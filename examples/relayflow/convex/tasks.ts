/**
 * Tasks: one call of the target for each event, tried until it succeeds or is given up.
 *
 * Convex runs scheduled actions at most once, so the attempts are ours to count: an attempt reports to `settle`, and
 * `settle` schedules the next one. Each retry is scheduled by the attempt before it; that keeps them in one trace.
 */
import { getActiveSpan, setAttributes } from "convex-otel";
import { v } from "convex/values";
import { internal } from "./_generated/api";
import type { Doc } from "./_generated/dataModel";
import type { MutationCtx } from "./_generated/server";
import { attemptOutcome, settleAttempt, type AttemptOutcome } from "./attempts";
import { attemptResult } from "./model/retryPolicy";
import { internalAction, internalMutation, internalQuery, query } from "./otel";
import { callTarget } from "./relay";
import { taskStatus } from "./schema";

/** What a task is made from. */
type TaskOrigin = Pick<Doc<"automationTasks">, "eventId" | "deliveryDocId" | "handler">;

/** Creates the task of an event and schedules its first attempt, in the caller's transaction. */
export async function enqueueTask(ctx: MutationCtx, origin: TaskOrigin): Promise<void> {
  const task = { ...origin, status: "pending" as const, attempts: 0, dueAt: Date.now() };
  const taskId = await ctx.db.insert("automationTasks", task);
  await ctx.scheduler.runAfter(0, internal.tasks.executeTask, { taskId });
}

/** The latest tasks of a status, newest first. */
export const list = query({
  args: { status: taskStatus, limit: v.optional(v.number()) },
  handler: async (ctx, { status, limit }): Promise<Doc<"automationTasks">[]> =>
    await ctx.db
      .query("automationTasks")
      .withIndex("by_status_created", (q) => q.eq("status", status))
      .order("desc")
      .take(Math.min(limit ?? 20, 100)),
});

/** A task with its event, or null if there is nothing to do any more. */
export const load = internalQuery({
  args: { taskId: v.id("automationTasks") },
  handler: async (ctx, { taskId }): Promise<{ task: Doc<"automationTasks">; event: Doc<"events"> } | null> => {
    const task = await ctx.db.get("automationTasks", taskId);
    if (task === null || task.status !== "pending") return null;
    const event = await ctx.db.get("events", task.eventId);
    return event === null ? null : { task, event };
  },
});

/** One attempt at a task. */
export const executeTask = internalAction({
  args: { taskId: v.id("automationTasks") },
  returns: v.null(),
  handler: async (ctx, { taskId }): Promise<null> => {
    const loaded = await ctx.runQuery(internal.tasks.load, { taskId });
    if (loaded === null) return null;
    const { task, event } = loaded;
    setAttributes({
      "webhook.event_type": event.providerEventType,
      "webhook.handler": task.handler,
      "webhook.retry_count": task.attempts,
    });
    const result = await callTarget(task, event);
    const outcome = await ctx.runMutation(internal.tasks.settle, { taskId, attempt: task.attempts + 1, result });
    setAttributes({ "webhook.outcome": outcome });
    // A failure that is retried is not an error of the attempt's own span; giving up is.
    if (outcome === "dead_lettered") getActiveSpan()?.setAttribute("error.type", outcome).setStatus({ code: 2 });
    return null;
  },
});

/** Takes note of how an attempt ended, and schedules the next one if there is to be one. */
export const settle = internalMutation({
  args: { taskId: v.id("automationTasks"), attempt: v.number(), result: attemptResult },
  returns: attemptOutcome,
  handler: async (ctx, { taskId, attempt, result }): Promise<AttemptOutcome> => {
    const task = await ctx.db.get("automationTasks", taskId);
    if (task === null || task.status !== "pending" || task.attempts !== attempt - 1) return "obsolete";
    return await settleAttempt(ctx, task, result);
  },
});
