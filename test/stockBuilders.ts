/** What `_generated/server` of an app exports, and what stands for it where an app has no library: Convex's own builders. */
import {
  actionGeneric,
  type GenericDataModel,
  httpActionGeneric,
  type HttpRouter,
  internalActionGeneric,
  internalMutationGeneric,
  internalQueryGeneric,
  mutationGeneric,
  queryGeneric,
} from "convex/server";
import type { ServerBuilders } from "../src/adapters/convex/server/index.js";

/** The builders, with the types of an app's tables. */
export function stockBuilders<DataModel extends GenericDataModel>(): ServerBuilders<DataModel> {
  return {
    query: queryGeneric,
    internalQuery: internalQueryGeneric,
    mutation: mutationGeneric,
    internalMutation: internalMutationGeneric,
    action: actionGeneric,
    internalAction: internalActionGeneric,
    httpAction: httpActionGeneric,
  };
}

/** Stands for the member of that name where routes are not traced. */
export const traceHttpRouter = <Router extends HttpRouter>(router: Router): Router => router;
