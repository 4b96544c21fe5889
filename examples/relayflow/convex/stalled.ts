/**
 * Tasks whose attempt died without a word: a deploy or a crash ends an action, and Convex does not run it again.
 * A cron counts such an attempt as failed, so that no task waits forever.
 */
import { v } from "convex/values";
import { settleAttempt } from "./attempts";
import type { AttemptResult } from "./model/retryPolicy";
import { internalMutation } from "./otel";

/** An attempt that is due since this time, in milliseconds, has died: a call of the target ends far earlier. */
const STALLED_AFTER_MS = 10 * 60_000;

/** How many tasks one run takes on: far below the limits of a transaction. */
const BATCH_SIZE = 50;

/** Settles stalled attempts, the oldest first. */
export const settleStalled = internalMutation({
  args: {},
  returns: v.null(),
  handler: async (ctx): Promise<null> => {
    const dueBefore = Date.now() - STALLED_AFTER_MS;
    const stalled = await ctx.db
      .query("automationTasks")
      .withIndex("by_status_due", (q) => q.eq("status", "pending").lt("dueAt", dueBefore))
      .take(BATCH_SIZE);
    const result: AttemptResult = { kind: "failed", retryable: true, detail: "the attempt did not report back" };
    for (const task of stalled) await settleAttempt(ctx, task, result);
    return null;
  },
});
