/** The API as a listener of `node:http`: who asks, what for, and the answer as JSON. */
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { recordError, withSpan } from "convex-otel";
import { setHttpRoute } from "convex-otel/http";
import { authenticate, type Customers } from "./authenticate.js";
import type { Services } from "./endpoints/endpoint.js";
import { Problem } from "./problem.js";
import { matchRoute } from "./routes.js";

export function pulseApi(services: Services, customers: Customers): RequestListener {
  return (request, response) => {
    void answer(services, customers, request).then(
      (body) => send(response, 200, body),
      (thrown: unknown) => sendProblem(response, thrown),
    );
  };
}

async function answer(services: Services, customers: Customers, request: IncomingMessage): Promise<string> {
  const { pathname, searchParams } = parseTarget(request.url ?? "/");
  const match = matchRoute(pathname);
  if (match !== undefined) setHttpRoute(match.route.template);
  if (withSpan("authenticate", () => authenticate(request.headers, customers)) === undefined) {
    throw new Problem(401, "Send a valid key in x-api-key.");
  }
  if (match === undefined) throw new Problem(404, "There is no such endpoint.");
  if (request.method !== "GET") throw new Problem(405, "Only GET is allowed.");
  const result = await match.route.endpoint(services, { params: match.params, query: searchParams });
  return withSpan("serialize", () => JSON.stringify(result));
}

/** The target of a request, which clients may send in any form. */
function parseTarget(target: string): URL {
  try {
    return new URL(target, "http://pulse");
  } catch {
    throw new Problem(400, "That is no path.");
  }
}

function sendProblem(response: ServerResponse, thrown: unknown): void {
  if (thrown instanceof Problem) {
    send(response, thrown.status, JSON.stringify({ error: thrown.message }));
    return;
  }
  recordError(thrown);
  send(response, 500, JSON.stringify({ error: "Something went wrong here." }));
}

function send(response: ServerResponse, status: number, body: string): void {
  response.writeHead(status, { "content-type": "application/json" }).end(body);
}
