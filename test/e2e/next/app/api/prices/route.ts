import { traceFetchHandler, tracedFetch } from "convex-otel/http";

const send = tracedFetch({ propagateTo: ["127.0.0.1", "localhost"] });

/** Asks another route of the same server. */
export const GET = traceFetchHandler(
  async (request: Request) => {
    const response = await send(new URL("/api/items/7", request.url));
    return new Response(response.body);
  },
  { route: "/api/prices" },
);
