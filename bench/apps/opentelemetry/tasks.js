/** Ten mutations with Convex's own builders, traced by hand with the OpenTelemetry SDK. */
import { v } from "convex/values";
import { mutation } from "../_generated/server";
import { tracer } from "./telemetry";

async function traced(name, fn) {
  const span = tracer.startSpan(name);
  try {
    return fn();
  } finally {
    span.end();
  }
}

export const cancel = mutation({
  args: { id: v.string(), at: v.optional(v.number()) },
  handler: (_ctx, { id, at }) => traced("cancel", () => `cancel ${id} ${at}`),
});

export const close = mutation({
  args: { id: v.string(), at: v.optional(v.number()) },
  handler: (_ctx, { id, at }) => traced("close", () => `close ${id} ${at}`),
});

export const create = mutation({
  args: { id: v.string(), at: v.optional(v.number()) },
  handler: (_ctx, { id, at }) => traced("create", () => `create ${id} ${at}`),
});

export const drop = mutation({
  args: { id: v.string(), at: v.optional(v.number()) },
  handler: (_ctx, { id, at }) => traced("drop", () => `drop ${id} ${at}`),
});

export const edit = mutation({
  args: { id: v.string(), at: v.optional(v.number()) },
  handler: (_ctx, { id, at }) => traced("edit", () => `edit ${id} ${at}`),
});

export const move = mutation({
  args: { id: v.string(), at: v.optional(v.number()) },
  handler: (_ctx, { id, at }) => traced("move", () => `move ${id} ${at}`),
});

export const open = mutation({
  args: { id: v.string(), at: v.optional(v.number()) },
  handler: (_ctx, { id, at }) => traced("open", () => `open ${id} ${at}`),
});

export const rank = mutation({
  args: { id: v.string(), at: v.optional(v.number()) },
  handler: (_ctx, { id, at }) => traced("rank", () => `rank ${id} ${at}`),
});

export const rename = mutation({
  args: { id: v.string(), at: v.optional(v.number()) },
  handler: (_ctx, { id, at }) => traced("rename", () => `rename ${id} ${at}`),
});

export const split = mutation({
  args: { id: v.string(), at: v.optional(v.number()) },
  handler: (_ctx, { id, at }) => traced("split", () => `split ${id} ${at}`),
});
