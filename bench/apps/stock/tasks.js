/** Ten mutations with Convex's own builders: what every other module is compared with. */
import { v } from "convex/values";
import { mutation } from "../_generated/server";

export const cancel = mutation({
  args: { id: v.string(), at: v.optional(v.number()) },
  handler: async (_ctx, { id, at }) => `cancel ${id} ${at}`,
});

export const close = mutation({
  args: { id: v.string(), at: v.optional(v.number()) },
  handler: async (_ctx, { id, at }) => `close ${id} ${at}`,
});

export const create = mutation({
  args: { id: v.string(), at: v.optional(v.number()) },
  handler: async (_ctx, { id, at }) => `create ${id} ${at}`,
});

export const drop = mutation({
  args: { id: v.string(), at: v.optional(v.number()) },
  handler: async (_ctx, { id, at }) => `drop ${id} ${at}`,
});

export const edit = mutation({
  args: { id: v.string(), at: v.optional(v.number()) },
  handler: async (_ctx, { id, at }) => `edit ${id} ${at}`,
});

export const move = mutation({
  args: { id: v.string(), at: v.optional(v.number()) },
  handler: async (_ctx, { id, at }) => `move ${id} ${at}`,
});

export const open = mutation({
  args: { id: v.string(), at: v.optional(v.number()) },
  handler: async (_ctx, { id, at }) => `open ${id} ${at}`,
});

export const rank = mutation({
  args: { id: v.string(), at: v.optional(v.number()) },
  handler: async (_ctx, { id, at }) => `rank ${id} ${at}`,
});

export const rename = mutation({
  args: { id: v.string(), at: v.optional(v.number()) },
  handler: async (_ctx, { id, at }) => `rename ${id} ${at}`,
});

export const split = mutation({
  args: { id: v.string(), at: v.optional(v.number()) },
  handler: async (_ctx, { id, at }) => `split ${id} ${at}`,
});
