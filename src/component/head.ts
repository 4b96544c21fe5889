/**
 * The oldest texts, as many as one request takes. A query of its own, run on a snapshot: the range it reads ends where callers
 * insert, and must not make anybody wait.
 */
import { type Infer, v } from "convex/values";
import { countSpans } from "../otlp/split.js";
import { utf8Length } from "../otlp/text.js";
import type { Doc } from "./_generated/dataModel.js";
import { internalQuery, type QueryCtx } from "./_generated/server.js";
import { BATCH_BYTES, BATCH_SPANS, BATCH_TEXTS } from "./limits.js";

export const vHead = v.object({
  texts: v.array(v.object({ id: v.id("texts"), text: v.string(), createdAt: v.number() })),
  spans: v.number(),
  /** Whether there was more than fits. */
  isFull: v.boolean(),
});

/** Creation times, both of them included. */
export const vSpell = v.object({ from: v.number(), upTo: v.number() });

export type Spell = Infer<typeof vSpell>;

export const head = internalQuery({
  args: {
    /** Creation time from which to look. */
    from: v.number(),
    /** What not to look at: the calling mutation has deleted it, and the snapshot still has it. */
    except: v.optional(vSpell),
  },
  returns: vHead,
  handler: async (ctx, { from, except }) => {
    const texts = [];
    let spans = 0;
    let bytes = 0;
    for await (const { _id, _creationTime, text } of waiting(ctx, from, except)) {
      spans += countSpans(text);
      bytes += utf8Length(text) + 1;
      const isFull = texts.length === BATCH_TEXTS || spans > BATCH_SPANS || bytes > BATCH_BYTES;
      if (isFull && texts.length > 0) return { texts, spans: spans - countSpans(text), isFull: true };
      texts.push({ id: _id, text, createdAt: _creationTime });
    }
    return { texts, spans, isFull: false };
  },
});

/** Texts in their order. What is read is paid for, so what is gone is not read: it is left out as a range. */
async function* waiting(ctx: QueryCtx, from: number, except: Spell | undefined): AsyncGenerator<Doc<"texts">> {
  const texts = () => ctx.db.query("texts");
  if (except === undefined) {
    yield* texts().withIndex("by_creation_time", (q) => q.gte("_creationTime", from));
    return;
  }
  yield* texts().withIndex("by_creation_time", (q) => q.gte("_creationTime", from).lt("_creationTime", except.from));
  yield* texts().withIndex("by_creation_time", (q) => q.gt("_creationTime", except.upTo));
}
