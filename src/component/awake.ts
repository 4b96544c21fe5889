/** Whether somebody drains. A query of its own, because only a query can be run on a snapshot. */
import { v } from "convex/values";
import { internalQuery } from "./_generated/server.js";
import { findRunner, isAwake } from "./runner.js";

export const awake = internalQuery({
  args: {},
  returns: v.boolean(),
  handler: async (ctx) => {
    const runner = await findRunner(ctx);
    return runner !== null && isAwake(runner, Date.now());
  },
});
