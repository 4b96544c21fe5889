/** How much of a backlog there is, a step at a time: counting is reading, so each text is read for it once. */
import { v } from "convex/values";
import { utf8Length } from "../otlp/text.js";
import { internalQuery } from "./_generated/server.js";
import { MEASURE_TEXTS, STEP_BYTES } from "./limits.js";

export const measure = internalQuery({
  args: { after: v.number() },
  returns: v.object({ upTo: v.number(), texts: v.number(), bytes: v.number(), isMore: v.boolean() }),
  handler: async (ctx, { after }) => {
    let [upTo, texts, bytes] = [after, 0, 0];
    const rest = ctx.db.query("texts").withIndex("by_creation_time", (q) => q.gt("_creationTime", after));
    for await (const { _creationTime, text } of rest) {
      if (texts === MEASURE_TEXTS || bytes > STEP_BYTES) return { upTo, texts, bytes, isMore: true };
      upTo = _creationTime;
      texts += 1;
      bytes += utf8Length(text);
    }
    return { upTo, texts, bytes, isMore: false };
  },
});
