/**
 * What a dashboard shows. Approximate on purpose: exact counts would need a document that every call writes, and so make calls
 * wait for each other.
 */
import { v } from "convex/values";
import { utf8Length } from "../otlp/text.js";
import { query, type QueryCtx } from "./_generated/server.js";
import { destinationProblem } from "./destination.js";
import { STATUS_TEXTS } from "./limits.js";
import { findRunner, NEW_RUNNER } from "./runner.js";
import { vDropped, vStatus } from "./schema.js";

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
  dropped: vDropped,
  lastError: v.union(v.null(), v.object({ at: v.number(), message: v.string() })),
});

export const status = query({
  args: {},
  returns: vOutboxStatus,
  handler: async (ctx) => {
    const runner = (await findRunner(ctx)) ?? NEW_RUNNER;
    const failed = await ctx.db.query("failed").take(STATUS_TEXTS);
    return {
      state: runner.status,
      ...(await pendingOf(ctx, runner.measured)),
      failed: failed.length,
      delivered: runner.delivered,
      resent: runner.resent,
      restarts: runner.restarts,
      dropped: runner.dropped,
      lastError: settingsError() ?? runner.lastError ?? null,
    };
  },
});

/** While the component has nowhere to send to it takes nothing, so there is nobody who would write that down. */
function settingsError(): { at: number; message: string } | undefined {
  const message = destinationProblem();
  return message === undefined ? undefined : { at: Date.now(), message };
}

/** Counts up to a hundred; of more, what the watchdog has measured. */
async function pendingOf(ctx: QueryCtx, measured: { readonly texts: number; readonly bytes: number }) {
  const first = await ctx.db.query("texts").take(STATUS_TEXTS);
  const bytes = first.reduce((sum, { text }) => sum + utf8Length(text), 0);
  const isAll = first.length < STATUS_TEXTS;
  return {
    pending: isAll ? first.length : Math.max(first.length, measured.texts),
    pendingIsAtLeast: !isAll,
    pendingBytes: isAll ? bytes : Math.max(bytes, measured.bytes),
    oldestAgeMs: first[0] === undefined ? null : Date.now() - first[0]._creationTime,
  };
}
