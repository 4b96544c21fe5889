/**
 * `convex-otel/http`: traces of HTTP servers and clients, on the OpenTelemetry provider that is registered. For Node, Bun,
 * Deno and workers; nothing here depends on a framework.
 */
export type { PublicContextPolicy } from "../../core/options.js";
export type { QueryPolicy } from "../../core/redactUrl.js";
export {
  type FastifyLike,
  type FastifyReplyLike,
  type FastifyRequestLike,
  type FastifyTracing,
  traceFastify,
} from "./fastify.js";
export { traceFetchHandler } from "./fetchHandler.js";
export { type NodeApp, type NodeMiddleware, traceNodeErrors, traceNodeHandler } from "./nodeHandler.js";
export type { NodeNext, NodeRequest, NodeResponse } from "./nodeTypes.js";
export type { HttpOptions, HttpServerOptions, TracedFetchOptions } from "./options.js";
export { setHttpRoute } from "./requestTrace.js";
export { tracedFetch } from "./tracedFetch.js";
