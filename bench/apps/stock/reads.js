/** Ten queries with Convex's own builders. */
import { v } from "convex/values";
import { query } from "../_generated/server";

export const cancel = query({
  args: { id: v.string(), at: v.optional(v.number()) },
  handler: async (_ctx, { id, at }) => `cancel ${id} ${at}`,
});

export const close = query({
  args: { id: v.string(), at: v.optional(v.number()) },
  handler: async (_ctx, { id, at }) => `close ${id} ${at}`,
});

export const create = query({
  args: { id: v.string(), at: v.optional(v.number()) },
  handler: async (_ctx, { id, at }) => `create ${id} ${at}`,
});

export const drop = query({
  args: { id: v.string(), at: v.optional(v.number()) },
  handler: async (_ctx, { id, at }) => `drop ${id} ${at}`,
});

export const edit = query({
  args: { id: v.string(), at: v.optional(v.number()) },
  handler: async (_ctx, { id, at }) => `edit ${id} ${at}`,
});

export const move = query({
  args: { id: v.string(), at: v.optional(v.number()) },
  handler: async (_ctx, { id, at }) => `move ${id} ${at}`,
});

export const open = query({
  args: { id: v.string(), at: v.optional(v.number()) },
  handler: async (_ctx, { id, at }) => `open ${id} ${at}`,
});

export const rank = query({
  args: { id: v.string(), at: v.optional(v.number()) },
  handler: async (_ctx, { id, at }) => `rank ${id} ${at}`,
});

export const rename = query({
  args: { id: v.string(), at: v.optional(v.number()) },
  handler: async (_ctx, { id, at }) => `rename ${id} ${at}`,
});

export const split = query({
  args: { id: v.string(), at: v.optional(v.number()) },
  handler: async (_ctx, { id, at }) => `split ${id} ${at}`,
});
