/** Sends again: after a pause, and at once where the breaker waits. */
import { v } from "convex/values";
import { mutation } from "./_generated/server.js";
import { fieldsOf, getRunner, startDrain } from "./runner.js";

export const resume = mutation({
  args: {},
  returns: v.null(),
  handler: async (ctx) => {
    const runner = await getRunner(ctx);
    if (runner.status !== "running") await startDrain(ctx, runner, { ...fieldsOf(runner), failures: 0 }, 0);
    return null;
  },
});
