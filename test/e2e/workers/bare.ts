/** A worker without Node's modules, where nothing is registered. */
import { getCorrelationId, withSpan } from "convex-otel";
import { traceFetchHandler, tracedFetch } from "convex-otel/http";

const send = tracedFetch({ propagateTo: ["*"] });

export default {
  fetch: traceFetchHandler(
    async (request: Request) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/prices") return send(new URL("/items/7", request.url));
      return withSpan("read", () => new Response(`hello ${getCorrelationId()}`));
    },
    { route: (request) => new URL(request.url).pathname },
  ),
};
