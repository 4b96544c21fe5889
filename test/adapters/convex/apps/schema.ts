/** The one table of the apps, and the stock builders typed with it. */
import {
  actionGeneric,
  type DataModelFromSchemaDefinition,
  defineSchema,
  defineTable,
  httpActionGeneric,
  internalActionGeneric,
  internalMutationGeneric,
  internalQueryGeneric,
  mutationGeneric,
  queryGeneric,
} from "convex/server";
import { v } from "convex/values";
import type { ServerBuilders } from "../../../../src/adapters/convex/server/index.js";

export const schema = defineSchema({
  tasks: defineTable({ status: v.string(), rank: v.number() }).index("by_status_rank", ["status", "rank"]),
});

export type DataModel = DataModelFromSchemaDefinition<typeof schema>;

/** What `_generated/server` exports. */
export const stock = {
  query: queryGeneric,
  internalQuery: internalQueryGeneric,
  mutation: mutationGeneric,
  internalMutation: internalMutationGeneric,
  action: actionGeneric,
  internalAction: internalActionGeneric,
  httpAction: httpActionGeneric,
} as ServerBuilders<DataModel>;
