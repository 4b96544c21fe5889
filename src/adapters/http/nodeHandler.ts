/** Servers on `node:http`: a handler of their own, Express, Connect and what else takes `(req, res, next)`. */
import { followMounts, type RouteReader } from "./expressRoute.js";
import { factsOf, followResponse } from "./nodeRequest.js";
import type { NodeNext, NodeRequest, NodeResponse } from "./nodeTypes.js";
import { type HttpServerConfig, type HttpServerOptions, resolveServerOptions } from "./options.js";
import { type Admission, admit, reportTwice, requestOf, runUntraced } from "./server.js";
import { watching } from "./watching.js";
import { isWrapped, markWrapped } from "./wrapped.js";

/** A middleware of Express, Connect and others. */
export type NodeMiddleware<Req, Res> = (request: Req, response: Res, next: NodeNext) => void;

/**
 * Traces requests of a Node server: each is a SERVER span, active in the handler and all it starts, which ends when the
 * response is finished or the client has left. Wrap the handler of a server, such as an Express app, or, given options
 * only, get a middleware to use before all others.
 *
 * The response gets the header `x-correlation-id`, unless the handler has set one. In Express the span is named by the
 * route that matched, with the templates of all routers it is mounted in. Where no OpenTelemetry provider is registered the
 * handler just runs.
 *
 * @returns a handler of the same type, or a middleware.
 * @throws TypeError for a wrong option.
 * @example
 * ```ts
 * import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
 * import { traceNodeHandler } from "convex-otel/http";
 *
 * const hello = (req: IncomingMessage, res: ServerResponse) => void res.end("hello");
 * const server = createServer(traceNodeHandler(hello, { route: "/hello", ignore: ["/healthz"] }));
 * ```
 * @example
 * ```ts
 * import express from "express";
 * import { traceNodeErrors, traceNodeHandler } from "convex-otel/http";
 *
 * const app = express();
 * app.use(traceNodeHandler({ endpointClass: { "GET /items/:id": "detail" } }));
 * app.get("/items/:id", (req, res) => void res.json({ id: req.params.id }));
 * app.use(traceNodeErrors());
 * ```
 */
export function traceNodeHandler<Req extends NodeRequest, Res extends NodeResponse, Rest extends unknown[], Result>(
  handler: (request: Req, response: Res, ...rest: Rest) => Result,
  options?: HttpServerOptions<[request: Req, response: Res]>,
): (request: Req, response: Res, ...rest: Rest) => Result;
export function traceNodeHandler<Req extends NodeRequest, Res extends NodeResponse>(
  options?: HttpServerOptions<[request: Req, response: Res]>,
): NodeMiddleware<Req, Res>;
export function traceNodeHandler<Req extends NodeRequest, Res extends NodeResponse>(
  first: NodeMiddleware<Req, Res> | HttpServerOptions<[Req, Res]> = {},
  options: HttpServerOptions<[Req, Res]> = {},
): NodeMiddleware<Req, Res> {
  if (typeof first !== "function") return middleware(resolveServerOptions("traceNodeHandler", first));
  return wrap(first, resolveServerOptions("traceNodeHandler", options));
}

/**
 * A middleware for errors, for Express and Connect: put it after the routes and before the middleware that answers errors.
 * It notes what was thrown, for the span of a request that is answered with a status of 500 or above, and passes it on.
 *
 * @example
 * ```ts
 * import express from "express";
 * import { traceNodeErrors, traceNodeHandler } from "convex-otel/http";
 *
 * const app = express();
 * app.use(traceNodeHandler());
 * app.get("/", () => Promise.reject(new RangeError("too far")));
 * app.use(traceNodeErrors());
 * ```
 */
export function traceNodeErrors(): (error: unknown, request: object, response: object, next: NodeNext) => void {
  return (error, request, _response, next) => {
    requestOf(request)?.noteError(error);
    next(error);
  };
}

function middleware<Req extends NodeRequest, Res extends NodeResponse>(
  config: HttpServerConfig<[Req, Res]>,
): NodeMiddleware<Req, Res> {
  return markWrapped((request, response, next) => {
    const admission = admitNode(config, request, response, false);
    const goOn = () => next();
    if (admission.mode === "trace") admission.request.run(goOn);
    else runUntraced(admission, goOn);
  });
}

function wrap<Req extends NodeRequest, Res extends NodeResponse>(
  handler: NodeMiddleware<Req, Res>,
  config: HttpServerConfig<[Req, Res]>,
): NodeMiddleware<Req, Res> {
  if (isWrapped(handler)) {
    reportTwice(config);
    return handler;
  }
  const isApp = typeof Reflect.get(handler, "use") === "function";
  return markWrapped(function (this: unknown, ...args: [Req, Res, NodeNext]) {
    const call = () => Reflect.apply(handler, this, args);
    const admission = admitNode(config, args[0], args[1], isApp);
    if (admission.mode !== "trace") return runUntraced(admission, call);
    const { request } = admission;
    return watching(() => request.run(call), {
      returned: (value) => value,
      // Nobody is left to answer: the process may be about to end.
      threw: (thrown) => request.end({ outcome: "failed", thrown }),
    });
  });
}

function admitNode<Req extends NodeRequest, Res extends NodeResponse>(
  config: HttpServerConfig<[Req, Res]>,
  request: Req,
  response: Res,
  isApp: boolean,
): Admission {
  let routeOfApp: RouteReader | undefined;
  const admission = admit(
    config,
    request,
    [request, response],
    () => factsOf(request),
    () => routeOfApp?.(),
  );
  if (admission.mode !== "trace") return admission;
  followResponse(admission.request, response);
  // A request on its way through an app has this member already.
  if (isApp || Object.hasOwn(request, "baseUrl")) routeOfApp = followMounts(request);
  return admission;
}
