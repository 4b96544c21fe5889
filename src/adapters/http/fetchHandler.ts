/**
 * Servers whose handlers take a web standard `Request` and return a `Response`: Hono, Next.js route handlers, Bun, Deno,
 * workers.
 */
import { CORRELATION_HEADER } from "../../propagation/correlation.js";
import type { RequestFacts } from "./beginRequest.js";
import { type HttpServerOptions, resolveServerOptions } from "./options.js";
import type { RequestTrace } from "./requestTrace.js";
import { admit, reportTwice, runUntraced } from "./server.js";
import { watching } from "./watching.js";
import { isWrapped, markWrapped } from "./wrapped.js";

/**
 * Traces a handler of web standard requests: each request is a SERVER span, active in the handler and all it awaits. The
 * span ends when the handler has returned its response; the body is not touched. The handler's results and errors pass
 * through as they are, and so does everything it is called with (`env`, `ctx.waitUntil`, route parameters).
 *
 * The response gets the header `x-correlation-id`, unless the handler has set one. Where no OpenTelemetry provider is
 * registered the handler just runs.
 *
 * @returns a handler of the same type.
 * @throws TypeError for a wrong option.
 * @example
 * ```ts
 * import { traceFetchHandler } from "convex-otel/http";
 *
 * // app/api/items/[id]/route.ts of a Next.js app
 * export const GET = traceFetchHandler(
 *   async (request: Request, { params }: { params: Promise<{ id: string }> }) => Response.json(await params),
 *   { route: "/api/items/[id]", endpointClass: "detail" },
 * );
 * ```
 */
export function traceFetchHandler<This, Req extends Request, Rest extends unknown[], Result>(
  handler: (this: This, request: Req, ...rest: Rest) => Result,
  options: HttpServerOptions<[request: Req, ...rest: Rest]> = {},
): (this: This, request: Req, ...rest: Rest) => Result {
  if (typeof handler !== "function") throw new TypeError("traceFetchHandler: the first argument must be a function.");
  const config = resolveServerOptions("traceFetchHandler", options);
  if (isWrapped(handler)) {
    reportTwice(config);
    return handler;
  }
  const traced = function (this: This, ...args: [request: Req, ...rest: Rest]): Result {
    const call = () => Reflect.apply(handler, this, args);
    const admission = admit(config, args[0], args, () => factsOf(args[0]));
    return admission.mode === "trace" ? runTraced(admission.request, args[0], call) : runUntraced(admission, call);
  };
  // Deno makes no request for a handler that takes none; this one always does.
  Object.defineProperty(traced, "length", { value: Math.max(1, handler.length), configurable: true });
  return markWrapped(traced);
}

/** @throws for what is no request: it is then not traced. */
function factsOf(request: Request): RequestFacts {
  const { pathname, search, protocol, host } = new URL(request.url);
  const { headers, method } = request;
  return {
    method,
    path: pathname,
    query: search.slice(1),
    scheme: protocol.slice(0, -1),
    host,
    headers,
    header: (name) => headers.get(name),
  };
}

function runTraced<Result>(trace: RequestTrace, request: Request, call: () => Result): Result {
  return watching(() => trace.run(call), {
    returned: (value) => (isResponse(value) ? endWithResponse(trace, value) : endWithoutResponse(trace, value)),
    threw(thrown) {
      // What fails because the client has left is no failure of the server.
      const isCancelled = request.signal?.aborted && request.signal.reason === thrown;
      trace.end(isCancelled ? { outcome: "cancelled", status: undefined } : { outcome: "failed", thrown });
    },
  });
}

/** By its members, since frameworks bring classes of their own (`@hono/node-server`, `undici`). */
function isResponse(value: unknown): value is Response {
  try {
    const { status, headers } = Object(value) as Partial<Response>;
    return typeof status === "number" && typeof headers?.get === "function";
  } catch {
    return false;
  }
}

function endWithResponse(trace: RequestTrace, response: Response): Response {
  const { status, headers } = response;
  trace.end({ outcome: "answered", status, header: (name) => headers.get(name) });
  return withCorrelationId(response, trace.correlationId);
}

/** The platform will say what it thinks of a handler that returns something else. */
function endWithoutResponse<T>(trace: RequestTrace, value: T): T {
  trace.end({ outcome: "answered", status: undefined, header: () => undefined });
  return value;
}

/**
 * The same response where its headers can be changed. Those of a redirect or of a response that came from `fetch` cannot:
 * they are copied into a new response around the same body, which is neither read nor buffered by that.
 */
function withCorrelationId(response: Response, id: string): Response {
  try {
    if (response.headers.has(CORRELATION_HEADER)) return response;
    response.headers.set(CORRELATION_HEADER, id);
    return response;
  } catch {
    return copyWithCorrelationId(response, id);
  }
}

/** Statuses that a `Response` can be made with: others are those of network errors and of protocol switches. */
const LEAST_STATUS = 200;

function copyWithCorrelationId(response: Response, id: string): Response {
  const { status, statusText, body, bodyUsed } = response;
  // An upgrade to a WebSocket is more than its status: workers hang the socket on the response.
  if (status < LEAST_STATUS || bodyUsed || Reflect.get(response, "webSocket") != null) return response;
  try {
    const headers = new Headers(response.headers);
    headers.set(CORRELATION_HEADER, id);
    return new Response(body, { status, statusText, headers });
  } catch {
    return response;
  }
}
