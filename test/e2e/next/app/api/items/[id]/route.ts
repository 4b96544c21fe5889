import { setTimeout as sleep } from "node:timers/promises";
import { getCorrelationId, withSpan } from "convex-otel";
import { traceFetchHandler } from "convex-otel/http";

/** Says what it was called with. */
export const GET = traceFetchHandler(
  async (request: Request, { params }: { params: Promise<{ id: string }> }) =>
    withSpan("read", async () => {
      await sleep(20);
      const isRequest = request instanceof Request && params instanceof Promise;
      return Response.json({ ...(await params), isRequest, correlationId: getCorrelationId() });
    }),
  { route: "/api/items/[id]", endpointClass: "detail" },
);
