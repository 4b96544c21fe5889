/** Stops sending. Calls are still taken, and retention goes on. */
import { v } from "convex/values";
import { mutation } from "./_generated/server.js";
import { LEASE_MS, PAUSED_WATCH_MS } from "./limits.js";
import { fieldsOf, getRunner, save, withWatch } from "./runner.js";

export const pause = mutation({
  args: {},
  returns: v.null(),
  handler: async (ctx) => {
    const runner = await getRunner(ctx);
    if (runner.status === "paused") return null;
    const until = Date.now() + PAUSED_WATCH_MS + LEASE_MS;
    // A drain that is sending finds that it was replaced: it reports what it delivered, and ends.
    const fields = { ...fieldsOf(runner), status: "paused" as const, generation: runner.generation + 1, until };
    await save(ctx, runner, await withWatch(ctx, fields, PAUSED_WATCH_MS));
    return null;
  },
});
