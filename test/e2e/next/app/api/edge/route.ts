import { withSpan } from "convex-otel";
import { traceFetchHandler } from "convex-otel/http";

export const runtime = "edge";

export const GET = traceFetchHandler(() => withSpan("work", () => new Response("from the edge")), {
  route: "/api/edge",
});
