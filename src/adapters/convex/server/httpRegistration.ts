/** Registers HTTP actions with traced handlers. */
import type { GenericActionCtx, PublicHttpAction } from "convex/server";
import type { HttpHandler } from "./httpHandler.js";
import type { InstrumentedApp } from "./instrumentedApp.js";
import { runHttp } from "./httpCall.js";
import { markInstrumented } from "./mark.js";
import { hasWayOut } from "./wayOut.js";
import { isInConvex } from "./surroundings.js";

// Convex's own type of the context of an HTTP action whatever the app's data model is.
export type HttpCtx = GenericActionCtx<Record<string, never>>;

/** Builds an HTTP action with Convex's own builder. */
export type HttpActionBuilder = (handler: HttpHandler<HttpCtx>) => PublicHttpAction;

/**
 * Registers an HTTP action whose handler is traced. Outside of Convex, where unit tests call handlers with mocks, and where
 * there is nothing to record, the handler is called as it is. `route` is the template of its route, if it is known.
 */
export function registerHttpAction(
  app: InstrumentedApp,
  build: HttpActionBuilder,
  handler: HttpHandler<HttpCtx>,
  route?: string,
): PublicHttpAction {
  const traced: HttpHandler<HttpCtx> = async (ctx, request) =>
    isInConvex() && hasWayOut(app) ? runHttp(app, ctx, request, handler, route) : handler(ctx, request);
  return markInstrumented(build(traced), handler);
}
