import { defineSchema, defineTable } from "convex/server";
import { v } from "convex/values";

export default defineSchema({
  items: defineTable({ value: v.number(), by: v.string() }).index("by_writer", ["by"]),
});
