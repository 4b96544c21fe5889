/** The first step of a drain: takes the lease, and with it the first batch. */
import { v } from "convex/values";
import { internalMutation } from "./_generated/server.js";
import { beIdle } from "./rest.js";
import { giveOut, oldest, vBatch } from "./nextBatch.js";
import { fieldsOf, findRunner, save, withWatch } from "./runner.js";
import { WATCH_MS } from "./limits.js";

export const claim = internalMutation({
  args: { generation: v.number() },
  returns: v.union(v.null(), vBatch),
  handler: async (ctx, { generation }) => {
    const runner = await findRunner(ctx);
    if (runner?.generation !== generation || runner.status === "paused" || runner.status === "idle") return null;
    const fields = await withWatch(ctx, fieldsOf(runner), WATCH_MS);
    const head = await oldest(ctx, fields, undefined);
    if (head.texts.length === 0) {
      await save(ctx, runner, await beIdle(ctx, fields));
      return null;
    }
    const given = giveOut(fields, head);
    await save(ctx, runner, given.fields);
    return given.batch;
  },
});
