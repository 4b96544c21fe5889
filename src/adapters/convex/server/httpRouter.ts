/** An HTTP router whose routes are traced under their templates, which an HTTP action cannot see by itself. */
import type { GenericActionCtx, HttpRouter, PublicHttpAction, RouteSpec } from "convex/server";
import type { HttpHandler } from "./httpHandler.js";
import { markInstrumented } from "./mark.js";
import type { InstrumentConfig } from "./options.js";
import { isInConvex } from "./platform.js";
import { hasWayOut } from "./wayOut.js";
import { reasonOf } from "./reasonOf.js";

// Convex's own type of the context of an HTTP action whatever the app's data model is.
type HttpCtx = GenericActionCtx<Record<string, never>>;

/** Builds an HTTP action with Convex's own builder. */
export type HttpActionBuilder = (handler: HttpHandler<HttpCtx>) => PublicHttpAction;

/** From an HTTP action made by our builder to the user's handler, so that a route is not traced twice. */
const handlers = new WeakMap<object, HttpHandler<HttpCtx>>();

/** The handler, traced. Outside of Convex, where unit tests call handlers with mocks, it is called as it is. */
function tracedHttpHandler(
  config: InstrumentConfig,
  handler: HttpHandler<HttpCtx>,
  route: string | undefined,
): HttpHandler<HttpCtx> {
  return async (ctx, request) => {
    if (!isInConvex() || !hasWayOut(config)) return handler(ctx, request);
    const http = await loadHttpAction(config);
    return http === undefined ? handler(ctx, request) : http.runHttpAction(config, ctx, request, handler, route);
  };
}

/** The code that traces HTTP actions; without it they run untraced. */
async function loadHttpAction(config: InstrumentConfig) {
  try {
    return await import("./httpAction.js");
  } catch (thrown) {
    config.report({
      level: "error",
      code: "call.not_begun",
      message: `An HTTP action is not traced: ${reasonOf(thrown)}`,
    });
    return undefined;
  }
}

/** Registers a traced HTTP action. */
export function registerHttpAction(
  config: InstrumentConfig,
  build: HttpActionBuilder,
  handler: HttpHandler<HttpCtx>,
  route?: string,
): PublicHttpAction {
  const registered = markInstrumented(build(tracedHttpHandler(config, handler, route)));
  handlers.set(registered, handler);
  return registered;
}

/** Traces the routes a router has and those it is given later, in place. */
export function traceRoutes<Router extends HttpRouter>(
  config: InstrumentConfig,
  build: HttpActionBuilder,
  router: Router,
): Router {
  const traced = (action: PublicHttpAction, route: string): PublicHttpAction => {
    const handler = handlers.get(action) ?? stockHandler(action);
    return handler === undefined ? action : registerHttpAction(config, build, handler, route);
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

/** The handler of an action that a library registered with Convex's own builder. */
function stockHandler(action: PublicHttpAction): HttpHandler<HttpCtx> | undefined {
  const handler: unknown = Reflect.get(action, "_handler");
  return typeof handler === "function"
    ? (ctx, request) => Reflect.apply(handler, undefined, [ctx, request]) as Promise<Response>
    : undefined;
}
