/** Functions that write, each for a writer of its own: what else they read and write is the library's. */
import { makeFunctionReference } from "convex/server";
import { v } from "convex/values";
import { withSpan } from "convex-otel";
import { action, internalMutation, mutation, query } from "./otel.js";

const args = { by: v.string() };
type Args = { by: string };

const addRef = makeFunctionReference<"mutation", Args>("app:add");
const failRef = makeFunctionReference<"mutation", Args>("app:fail");
const laterRef = makeFunctionReference<"mutation", Args>("app:later");

/** Reads what its writer has, and writes one more. */
export const add = mutation({
  args,
  handler: async (ctx, { by }) => {
    const mine = await ctx.db
      .query("things")
      .withIndex("by_writer", (q) => q.eq("by", by))
      .collect();
    await ctx.db.insert("things", { by, n: mine.length });
    return null;
  },
});

/** Reads and writes what everybody does: mutations of this kind are in conflict, traced or not. */
export const count = mutation({
  args,
  handler: async (ctx, { by }) => {
    const all = await ctx.db.query("things").collect();
    await ctx.db.insert("things", { by, n: all.length });
    return null;
  },
});

export const twice = mutation({
  args,
  handler: async (ctx, { by }) => {
    await ctx.runMutation(addRef, { by });
    await ctx.runMutation(addRef, { by });
    return null;
  },
});

/** Three transactions in one, and none that clients could call. */
export const nest = mutation({
  args,
  handler: async (ctx, { by }) => {
    await ctx.runMutation(laterRef, { by });
    await ctx.runMutation(makeFunctionReference<"mutation", Args>("app:deeper"), { by });
    return null;
  },
});

export const deeper = internalMutation({
  args,
  handler: async (ctx, { by }) => {
    await ctx.db.insert("things", { by, n: 0 });
    await ctx.runMutation(laterRef, { by });
    return null;
  },
});

export const fail = mutation({
  args,
  handler: async (ctx, { by }) => {
    await ctx.db.insert("things", { by, n: -1 });
    throw new Error("no");
  },
});

/** Catches what it called. */
export const survive = mutation({
  args,
  handler: async (ctx, { by }) => {
    await ctx.runMutation(failRef, { by }).catch(() => undefined);
    await ctx.runMutation(addRef, { by });
    return null;
  },
});

export const later = internalMutation({
  args,
  handler: async (ctx, { by }) => {
    await ctx.db.insert("things", { by, n: 100 });
    return null;
  },
});

export const plan = mutation({
  args,
  handler: async (ctx, { by }) => {
    await ctx.scheduler.runAfter(0, laterRef, { by });
    return null;
  },
});

export const work = action({
  args,
  handler: async (ctx, { by }) => {
    await ctx.runMutation(addRef, { by });
    // Two transactions, which are to have nothing to do with each other.
    await ctx.runMutation(laterRef, { by: `${by}, later` });
    return null;
  },
});

/** Two of these fit into a batch. */
export const busy = mutation({
  args,
  handler: async (ctx, { by }) => {
    for (let n = 0; n < 170; n++) await withSpan("step", async () => null);
    await ctx.db.insert("things", { by, n: 0 });
    return null;
  },
});

/** Does nothing: what a call of it does is the library's. */
export const touch = mutation({ args, handler: async () => null });

export const think = action({ args, handler: async () => null });

/** A hundred spans: its own, that of its insert, and steps that tell which they are. */
export const hundred = mutation({
  args,
  handler: async (ctx, { by }) => {
    for (let n = 0; n < 98; n++) await withSpan(`${by}, step ${n}`, async () => null);
    await ctx.db.insert("things", { by, n: 0 });
    return null;
  },
});

export const list = query({ args: {}, handler: async (ctx) => (await ctx.db.query("things").collect()).length });
