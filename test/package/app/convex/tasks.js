import { withSpan } from "convex-otel";
import { v } from "convex/values";
import { internalMutation, mutation, query } from "./otel";

export const list = query({ args: {}, handler: async () => [] });

export const add = mutation({
  args: { title: v.string() },
  handler: async (_ctx, { title }) => await withSpan("normalize", () => title.trim()),
});

export const sweep = internalMutation(async () => null);
