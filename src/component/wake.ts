/**
 * Starts a drain unless one is there. Callers that came while nobody drained each schedule this; the first one starts, and
 * the others find that it did. They may conflict with each other, which no user waits for.
 */
import { v } from "convex/values";
import { internalMutation } from "./_generated/server.js";
import { LEASE_MS, PAUSED_WATCH_MS } from "./limits.js";
import { fieldsOf, getRunner, isAwake, save, startDrain, withWatch } from "./runner.js";
import { batchDelayMs } from "./settings.js";

export const wake = internalMutation({
  args: {},
  returns: v.null(),
  handler: async (ctx) => {
    const runner = await getRunner(ctx);
    const now = Date.now();
    if (isAwake(runner, now)) return null;
    if (runner.status === "paused") {
      const fields = await withWatch(ctx, fieldsOf(runner), PAUSED_WATCH_MS);
      await save(ctx, runner, { ...fields, until: now + PAUSED_WATCH_MS + LEASE_MS });
      return null;
    }
    if (runner.status === "idle") await startDrain(ctx, runner, fieldsOf(runner), batchDelayMs());
    else await startDrain(ctx, runner, fieldsOf(runner), 0, "lost");
    return null;
  },
});
