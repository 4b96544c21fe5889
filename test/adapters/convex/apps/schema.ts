/** The one table of the apps, and the stock builders typed with it. */
import { type DataModelFromSchemaDefinition, defineSchema, defineTable } from "convex/server";
import { v } from "convex/values";
import { stockBuilders } from "../../../stockBuilders.js";

export const schema = defineSchema({
  tasks: defineTable({ status: v.string(), rank: v.number() }).index("by_status_rank", ["status", "rank"]),
});

export type DataModel = DataModelFromSchemaDefinition<typeof schema>;

/** What `_generated/server` exports. */
export const stock = stockBuilders<DataModel>();
