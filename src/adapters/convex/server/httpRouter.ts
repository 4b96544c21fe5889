/** An HTTP router whose routes are traced under their templates, which an HTTP action cannot see by itself. */
import type { HttpRouter, PublicHttpAction, RouteSpec } from "convex/server";
import type { HttpHandler } from "./httpHandler.js";
import { type HttpActionBuilder, type HttpCtx, registerHttpAction } from "./httpRegistration.js";
import type { InstrumentedApp } from "./instrumentedApp.js";
import { markedHandler } from "./mark.js";

/** Traces the routes a router has and those it is given later, in place. */
export function traceRoutes<Router extends HttpRouter>(
  app: InstrumentedApp,
  build: HttpActionBuilder,
  router: Router,
): Router {
  const traced = (action: PublicHttpAction, route: string): PublicHttpAction => {
    const handler = handlerOf(action);
    return handler === undefined ? action : registerHttpAction(app, build, handler, route);
  };
  for (const [path, methods] of router.exactRoutes) {
    for (const [method, action] of methods) methods.set(method, traced(action, path));
  }
  for (const prefixes of router.prefixRoutes.values()) {
    for (const [prefix, action] of prefixes) prefixes.set(prefix, traced(action, `${prefix}*`));
  }
  const addRoute = router.route;
  router.route = (spec: RouteSpec) => {
    const template = "path" in spec ? spec.path : `${spec.pathPrefix}*`;
    addRoute(typeof spec.handler === "function" ? { ...spec, handler: traced(spec.handler, template) } : spec);
  };
  return router;
}

/** The user's handler of an action made by our builder, so that a route is not traced twice, else that of Convex's own. */
function handlerOf(action: PublicHttpAction): HttpHandler<HttpCtx> | undefined {
  const handler: unknown = markedHandler(action) ?? Reflect.get(action, "_handler");
  return typeof handler === "function"
    ? (ctx, request) => Reflect.apply(handler, undefined, [ctx, request]) as Promise<Response>
    : undefined;
}
