"use node";
import { createHash } from "node:crypto";
import { withSpan } from "convex-otel";
import { v } from "convex/values";
import { action } from "./otel";

export const digest = action({
  args: { text: v.string() },
  handler: async (_ctx, { text }) =>
    await withSpan("hash", () => createHash("sha256").update(text).digest("hex").slice(0, 8)),
});
