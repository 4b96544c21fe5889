/** The app without the library. */
import type { DataModelFromSchemaDefinition } from "convex/server";
import { stockBuilders } from "../../../stockBuilders.js";
import type schema from "../convex/schema.js";

export { traceHttpRouter } from "../../../stockBuilders.js";

export const server = stockBuilders<DataModelFromSchemaDefinition<typeof schema>>();

export const { query, internalQuery, mutation, internalMutation, action, internalAction, httpAction } = server;
