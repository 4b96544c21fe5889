/** The app without the library. */
import {
  actionGeneric,
  type DataModelFromSchemaDefinition,
  httpActionGeneric,
  type HttpRouter,
  internalActionGeneric,
  internalMutationGeneric,
  internalQueryGeneric,
  mutationGeneric,
  queryGeneric,
} from "convex/server";
import type { ServerBuilders } from "convex-otel/convex";
import type schema from "../convex/schema.js";

export const server = {
  query: queryGeneric,
  internalQuery: internalQueryGeneric,
  mutation: mutationGeneric,
  internalMutation: internalMutationGeneric,
  action: actionGeneric,
  internalAction: internalActionGeneric,
  httpAction: httpActionGeneric,
} as ServerBuilders<DataModelFromSchemaDefinition<typeof schema>>;

export const { query, mutation, internalMutation, action, httpAction } = server;
export const traceHttpRouter = <Router extends HttpRouter>(router: Router): Router => router;
