/** A worker without Node's modules, where nothing is registered. */
import { traceFetchHandler, tracedFetch } from "../../../src/adapters/http/index.js";
import { getCorrelationId, withSpan } from "../../../src/index.js";

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
