import { httpRouter } from "convex/server";
import { interpret } from "../interpret.js";
import { httpAction, traceHttpRouter } from "./otel.js";

const http = traceHttpRouter(httpRouter());

http.route({
  path: "/run",
  method: "POST",
  handler: httpAction(async (ctx, request) => {
    const node: unknown = await request.json();
    return Response.json(await interpret(ctx, { node }));
  }),
});

export default http;
