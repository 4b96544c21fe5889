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

/** An app of Express or Connect: a handler that others can be mounted in. */
export interface NodeApp {
  (request: never, response: never, next: never): unknown;
  readonly use: unknown;
}

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
export function traceNodeHandler(
  app: NodeApp,
  options?: HttpServerOptions<[request: NodeRequest, response: NodeResponse]>,
): (request: NodeRequest, response: NodeResponse) => unknown;
export function traceNodeHandler<Req extends NodeRequest, Res extends NodeResponse, Rest extends unknown[], Result>(
  handler: (request: Req, response: Res, ...rest: Rest) => Result,
  options?: HttpServerOptions<[request: Req, response: Res]>,
): (request: Req, response: Res, ...rest: Rest) => Result;
export function traceNodeHandler<Req extends NodeRequest, Res extends NodeResponse>(
  options?: HttpServerOptions<[request: Req, response: Res]>,
): NodeMiddleware<Req, Res>;
export function traceNodeHandler(
  first: NodeHandler | HttpServerOptions<NodeArgs> = {},
  options: HttpServerOptions<NodeArgs> = {},
): NodeHandler {
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

type NodeArgs = [request: NodeRequest, response: NodeResponse];

type NodeHandler = (request: never, response: never, next: never) => unknown;

function middleware(config: HttpServerConfig<NodeArgs>): NodeMiddleware<NodeRequest, NodeResponse> {
  return markWrapped((request, response, next) => {
    const admission = admitNode(config, [request, response], false);
    const goOn = () => next();
    if (admission.mode === "trace") admission.request.run(goOn);
    else runUntraced(admission, goOn);
  });
}

function wrap(handler: NodeHandler, config: HttpServerConfig<NodeArgs>): NodeHandler {
  if (isWrapped(handler)) {
    reportTwice(config);
    return handler;
  }
  const isApp = typeof Reflect.get(handler, "use") === "function";
  return markWrapped(function (this: unknown, ...args: [...NodeArgs, ...rest: unknown[]]) {
    const call = (): unknown => Reflect.apply(handler, this, args);
    const admission = admitNode(config, [args[0], args[1]], isApp);
    if (admission.mode !== "trace") return runUntraced(admission, call);
    const { request } = admission;
    return watching(() => request.run(call), {
      returned: (value) => value,
      // Nobody is left to answer: the process may be about to end.
      threw: (thrown) => request.end({ outcome: "failed", thrown }),
    });
  });
}

function admitNode(config: HttpServerConfig<NodeArgs>, args: NodeArgs, isApp: boolean): Admission {
  const [request, response] = args;
  let routeOfApp: RouteReader | undefined;
  const admission = admit(
    config,
    request,
    args,
    () => factsOf(request, response),
    () => routeOfApp?.(),
  );
  if (admission.mode !== "trace") return admission;
  followResponse(admission.request, response);
  // A request on its way through an app has this member already.
  if (isApp || Object.hasOwn(request, "baseUrl")) routeOfApp = followMounts(request);
  return admission;
}
