import { httpRouter, makeFunctionReference } from "convex/server";
import { httpAction, traceHttpRouter } from "./otel.js";

const http = traceHttpRouter(httpRouter());

http.route({
  path: "/hook",
  method: "POST",
  handler: httpAction(async (ctx, request) => {
    await ctx.runMutation(makeFunctionReference<"mutation">("app:twice"), { by: await request.text() });
    return new Response("taken");
  }),
});

http.route({ path: "/touch", method: "POST", handler: httpAction(async () => new Response("touched")) });

export default http;
