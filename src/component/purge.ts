/** Throws away what waits, or what was set aside. What waited is counted as dropped. */
import { v } from "convex/values";
import { countSpans } from "../otlp/split.js";
import { utf8Length } from "../otlp/text.js";
import { api } from "./_generated/api.js";
import { mutation, type MutationCtx } from "./_generated/server.js";
import { STEP_BYTES, STEP_TEXTS } from "./limits.js";
import { fieldsOf, getRunner, save } from "./runner.js";

/** Returns how many texts went at once; a job does the rest, if there are more. */
export const purge = mutation({
  args: {
    what: v.union(v.literal("pending"), v.literal("failed")),
    /** Only what is older than this, in milliseconds since the Unix epoch. Now, if left out. */
    before: v.optional(v.number()),
  },
  returns: v.number(),
  handler: async (ctx, { what, before = Date.now() }): Promise<number> => {
    const { texts, spans, isMore } = await removeStep(ctx, what === "pending" ? "texts" : "failed", before);
    if (isMore) await ctx.scheduler.runAfter(0, api.purge.purge, { what, before });
    if (what === "pending" && texts > 0) {
      const runner = await getRunner(ctx);
      const { dropped } = runner;
      await save(ctx, runner, { ...fieldsOf(runner), dropped: { ...dropped, purged: dropped.purged + spans } });
    }
    return texts;
  },
});

async function removeStep(ctx: MutationCtx, table: "texts" | "failed", before: number) {
  const old = ctx.db.query(table).withIndex("by_creation_time", (q) => q.lte("_creationTime", before));
  let [texts, spans, bytes] = [0, 0, 0];
  for await (const { _id, text } of old) {
    if (texts === STEP_TEXTS || bytes > STEP_BYTES) return { texts, spans, isMore: true };
    await ctx.db.delete(_id);
    texts += 1;
    spans += countSpans(text);
    bytes += utf8Length(text);
  }
  return { texts, spans, isMore: false };
}
