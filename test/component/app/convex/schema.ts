import { defineSchema, defineTable } from "convex/server";
import { v } from "convex/values";

export default defineSchema({
  things: defineTable({ by: v.string(), n: v.number() }).index("by_writer", ["by"]),
});
