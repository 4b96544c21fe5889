/**
 * Takes the spans of one call, in the caller's transaction: one insert, and for the last text of the transaction one job, if nobody
 * drains. It reads nothing that anybody writes: the look at the runner is on a snapshot, so that no caller ever conflicts with
 * the drain or with another. On that snapshot it could not see a job that the transaction itself has scheduled.
 */
import { v } from "convex/values";
import { internal } from "./_generated/api.js";
import { mutation } from "./_generated/server.js";
import { destinationProblem } from "./destination.js";

/** Throws, and has done nothing, while the component has no endpoint: spans leave without it then. */
export const enqueue = mutation({
  args: {
    text: v.string(),
    /** Another text follows in the same transaction: that one wakes. */
    more: v.optional(v.boolean()),
  },
  returns: v.boolean(),
  handler: async (ctx, { text, more = false }) => {
    const problem = destinationProblem();
    if (problem !== undefined) throw new Error(problem);
    await ctx.db.insert("texts", { text });
    if (more) return true;
    const isAwake = await ctx.runQuery(internal.awake.awake, {}, { useStaleSnapshot: true });
    if (!isAwake) await ctx.scheduler.runAfter(0, internal.wake.wake, {});
    return true;
  },
});
