/**
 * What a dashboard shows. Approximate on purpose: exact counts would need a document that every call writes, and so make calls
 * wait for each other.
 */
import { v } from "convex/values";
import { query, type QueryCtx } from "./_generated/server.js";
import { STATUS_TEXTS } from "./limits.js";
import { findRunner } from "./runner.js";
import { vStatus } from "./schema.js";

const vOutboxStatus = v.object({
  state: vStatus,
  /** Texts that wait: one for each call. */
  pending: v.number(),
  pendingIsAtLeast: v.boolean(),
  pendingBytes: v.number(),
  oldestAgeMs: v.union(v.null(), v.number()),
  /** Texts that a backend refused. */
  failed: v.number(),
  /** Spans. */
  delivered: v.number(),
  resent: v.number(),
  restarts: v.number(),
  dropped: v.object({ age: v.number(), bytes: v.number(), rejected: v.number(), purged: v.number() }),
  lastError: v.union(v.null(), v.object({ at: v.number(), message: v.string() })),
});

export const status = query({
  args: {},
  returns: vOutboxStatus,
  handler: async (ctx) => {
    const runner = await findRunner(ctx);
    const failed = await ctx.db.query("failed").take(STATUS_TEXTS);
    return {
      state: runner?.status ?? ("idle" as const),
      ...(await pendingOf(ctx, runner?.measured ?? { texts: 0, bytes: 0 })),
      failed: failed.length,
      delivered: runner?.delivered ?? 0,
      resent: runner?.resent ?? 0,
      restarts: runner?.restarts ?? 0,
      dropped: runner?.dropped ?? { age: 0, bytes: 0, rejected: 0, purged: 0 },
      lastError: runner?.lastError ?? null,
    };
  },
});

/** Counts up to a hundred; of more, what the watchdog has measured. */
async function pendingOf(ctx: QueryCtx, measured: { readonly texts: number; readonly bytes: number }) {
  const first = await ctx.db.query("texts").take(STATUS_TEXTS);
  const bytes = first.reduce((sum, { text }) => sum + text.length, 0);
  const isAll = first.length < STATUS_TEXTS;
  return {
    pending: isAll ? first.length : Math.max(first.length, measured.texts),
    pendingIsAtLeast: !isAll,
    pendingBytes: isAll ? bytes : Math.max(bytes, measured.bytes),
    oldestAgeMs: first[0] === undefined ? null : Date.now() - first[0]._creationTime,
  };
}
