/** Sends what was set aside once more, after the reason is gone: a few at a time. */
import { v } from "convex/values";
import { api } from "./_generated/api.js";
import { mutation } from "./_generated/server.js";
import { fieldsOf, getRunner, startDrain } from "./runner.js";
import { STEP_TEXTS } from "./limits.js";

/** Returns how many texts wait again; a job does the rest, if there are more. */
export const retryFailed = mutation({
  args: {},
  returns: v.number(),
  handler: async (ctx): Promise<number> => {
    const failed = await ctx.db.query("failed").take(STEP_TEXTS / 10);
    for (const { _id, text } of failed) {
      await ctx.db.delete("failed", _id);
      await ctx.db.insert("texts", { text });
    }
    if (failed.length === STEP_TEXTS / 10) await ctx.scheduler.runAfter(0, api.retryFailed.retryFailed, {});
    const runner = await getRunner(ctx);
    if (failed.length > 0 && runner.status === "idle") await startDrain(ctx, runner, fieldsOf(runner), 0);
    return failed.length;
  },
});
