/** What every instrumented module of an app pays for: the builders and `withSpan`, and no exporter. */
import { withSpan } from "convex-otel";
import { instrumentConvex } from "convex-otel/convex";
import * as server from "convex/server";

export const { mutation, deliver } = instrumentConvex({
  query: server.queryGeneric,
  mutation: server.mutationGeneric,
  action: server.actionGeneric,
  internalQuery: server.internalQueryGeneric,
  internalMutation: server.internalMutationGeneric,
  internalAction: server.internalActionGeneric,
  httpAction: server.httpActionGeneric,
});

export const run = mutation({ handler: async () => await withSpan("work", () => 1) });
