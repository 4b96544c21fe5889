/** Fastify, by its hooks: it knows the route of a request before it handles it. */
import { factsOf, followResponse } from "./nodeRequest.js";
import type { NodeRequest, NodeResponse } from "./nodeTypes.js";
import { type HttpServerConfig, type HttpServerOptions, resolveServerOptions } from "./options.js";
import { admit, requestOf } from "./server.js";
import { suppressTracing } from "../../core/api.js";

/** A request of Fastify, as far as it is used. */
export interface FastifyRequestLike {
  readonly raw: NodeRequest;
  readonly routeOptions?: { readonly url?: string | undefined };
}

/** A reply of Fastify, as far as it is used. */
export interface FastifyReplyLike {
  readonly raw: NodeResponse;
}

type Done = () => void;

/** An instance of Fastify, as far as it is used. */
export interface FastifyLike {
  addHook(
    name: "onRequest" | "preValidation",
    hook: (request: FastifyRequestLike, reply: FastifyReplyLike, done: Done) => void,
  ): unknown;
  addHook(
    name: "onError",
    hook: (request: FastifyRequestLike, reply: FastifyReplyLike, error: Error, done: Done) => void,
  ): unknown;
}

/** A plugin of Fastify. */
export type FastifyTracing = (instance: FastifyLike, options: object, done: () => void) => void;

/**
 * A Fastify plugin that traces all requests: each is a SERVER span, named by its route (`GET /items/:id`), active in hooks
 * and handlers, which ends when the response is finished or the client has left. Register it before other plugins.
 *
 * The response gets the header `x-correlation-id`, unless the handler has set one. Where no OpenTelemetry provider is
 * registered nothing happens.
 *
 * @throws TypeError for a wrong option.
 * @example
 * ```ts
 * import Fastify from "fastify";
 * import { traceFastify } from "convex-otel/http";
 *
 * const app = Fastify();
 * app.register(traceFastify({ endpointClass: { "/items/:id": "detail" }, ignore: ["/healthz"] }));
 * app.get<{ Params: { id: string } }>("/items/:id", ({ params }) => ({ id: params.id }));
 * ```
 */
export function traceFastify(
  options: HttpServerOptions<[request: FastifyRequestLike, reply: FastifyReplyLike]> = {},
): FastifyTracing {
  const config = resolveServerOptions("traceFastify", options);
  const plugin: FastifyTracing = (instance, _options, done) => {
    addHooks(instance, config);
    done();
  };
  // What is registered inside a plugin holds for that plugin only, unless it says that it is none of its own.
  return Object.assign(plugin, {
    [Symbol.for("skip-override")]: true,
    [Symbol.for("fastify.display-name")]: "convex-otel",
  });
}

function addHooks(
  instance: FastifyLike,
  config: HttpServerConfig<[request: FastifyRequestLike, reply: FastifyReplyLike]>,
): void {
  const ignored = new WeakSet<object>();
  instance.addHook("onRequest", (request, reply, done) => {
    const route = () => request.routeOptions?.url;
    const admission = admit(config, request.raw, [request, reply], () => factsOf(request.raw, reply.raw), route);
    if (admission.mode === "trace") {
      followResponse(admission.request, reply.raw);
      admission.request.run(done);
    } else if (admission.mode === "ignore") {
      ignored.add(request.raw);
      suppressTracing(done);
    } else done();
  });
  // Once a body has been read, Fastify goes on in the context of the socket, not in that of the hook before.
  instance.addHook("preValidation", (request, _reply, done) => {
    const trace = requestOf(request.raw);
    if (trace !== undefined) trace.run(done);
    else if (ignored.has(request.raw)) suppressTracing(done);
    else done();
  });
  instance.addHook("onError", (request, _reply, error, done) => {
    requestOf(request.raw)?.noteError(error);
    done();
  });
}
