/**
 * The oldest texts, as many as one request takes. A query of its own, run on a snapshot: the range it reads ends where callers
 * insert, and must not make anybody wait.
 */
import { v } from "convex/values";
import { countSpans } from "../otlp/split.js";
import { utf8Length } from "../otlp/text.js";
import { internalQuery } from "./_generated/server.js";
import { BATCH_BYTES, BATCH_SPANS, BATCH_TEXTS } from "./limits.js";

export const vHead = v.object({
  texts: v.array(v.object({ id: v.id("texts"), text: v.string(), createdAt: v.number() })),
  spans: v.number(),
  /** Whether there was more than fits. */
  isFull: v.boolean(),
});

export const head = internalQuery({
  args: {
    /** Creation time from which to look. */
    from: v.number(),
    /** Texts that the calling mutation has deleted: the snapshot still has them. */
    except: v.array(v.id("texts")),
  },
  returns: vHead,
  handler: async (ctx, { from, except }) => {
    const gone = new Set<string>(except);
    const texts = [];
    let spans = 0;
    let bytes = 0;
    const waiting = ctx.db.query("texts").withIndex("by_creation_time", (q) => q.gte("_creationTime", from));
    for await (const { _id, _creationTime, text } of waiting) {
      if (gone.has(_id)) continue;
      spans += countSpans(text);
      bytes += utf8Length(text) + 1;
      const isFull = texts.length === BATCH_TEXTS || spans > BATCH_SPANS || bytes > BATCH_BYTES;
      if (isFull && texts.length > 0) return { texts, spans: spans - countSpans(text), isFull: true };
      texts.push({ id: _id, text, createdAt: _creationTime });
    }
    return { texts, spans, isFull: false };
  },
});
