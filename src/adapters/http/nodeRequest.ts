/** A request of a Node server that is being traced: what is known of it, and when it has ended. */
import { CORRELATION_HEADER } from "../../propagation/correlation.js";
import type { RequestFacts } from "./beginRequest.js";
import type { NodeRequest, NodeResponse } from "./nodeTypes.js";
import type { RequestTrace } from "./requestTrace.js";
import { pathAndQuery } from "./target.js";

/**
 * What is known of a request when it comes in.
 *
 * @throws TypeError for what is none: it is then not traced.
 */
export function factsOf(request: NodeRequest, response: NodeResponse): RequestFacts {
  const { headers } = request;
  if (typeof headers !== "object" || typeof response.on !== "function") {
    throw new TypeError("the handler was not called with a request and a response of a Node server.");
  }
  const { path, query } = pathAndQuery(targetOf(request));
  const authority = headers[":authority"] ?? headers["host"];
  const socket: { readonly encrypted?: unknown } | undefined = request.socket;
  return {
    method: request.method ?? "",
    path,
    query,
    scheme: socket?.encrypted === true ? "https" : "http",
    host: typeof authority === "string" ? authority : undefined,
    headers,
    header: (name) => headers[name],
    protocolVersion: request.httpVersion,
  };
}

/** Express and others shorten `url` by the path of the mount, and keep what was asked for. */
function targetOf(request: NodeRequest): string {
  const { originalUrl, url }: NodeRequest & { readonly originalUrl?: unknown } = request;
  return typeof originalUrl === "string" ? originalUrl : (url ?? "");
}

/** Tells the client the correlation id, and ends the request when its response is finished, or the client has left. */
export function followResponse(trace: RequestTrace, response: NodeResponse): void {
  // Not `once`: only the first of them counts, and a listener that is never removed takes less.
  response.on("finish", () => {
    trace.end({ outcome: "answered", status: response.statusCode, header: (name) => textOf(response.getHeader(name)) });
  });
  response.on("close", () => {
    const { errored: error }: NodeResponse & { readonly errored?: unknown } = response;
    const status = response.headersSent ? response.statusCode : undefined;
    trace.end(error == null ? { outcome: "cancelled", status } : { outcome: "failed", thrown: error });
  });
  try {
    if (response.getHeader(CORRELATION_HEADER) === undefined) {
      response.setHeader(CORRELATION_HEADER, trace.correlationId);
    }
  } catch {
    // The headers have been sent: the client goes without it.
  }
}

function textOf(value: ReturnType<NodeResponse["getHeader"]>): string | readonly string[] | undefined {
  return typeof value === "number" ? String(value) : value;
}
