import { traceFetchHandler } from "convex-otel/http";

export const POST = traceFetchHandler(
  async (request: Request): Promise<Response> => {
    await request.text();
    throw new RangeError("out of range");
  },
  { route: "/api/fails" },
);
