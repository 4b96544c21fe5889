import { httpRouter, makeFunctionReference } from "convex/server";
import { withSpan } from "convex-otel";
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

/** Three chunks, each made when it is asked for. */
http.route({
  path: "/stream",
  method: "GET",
  handler: httpAction(async () => {
    const chunks = ["one ", "two ", "three"].map((text) => new TextEncoder().encode(text));
    const pull = (controller: ReadableStreamDefaultController<Uint8Array>) =>
      withSpan("chunk", async () => {
        const chunk = chunks.shift();
        if (chunk === undefined) controller.close();
        else controller.enqueue(chunk);
      });
    return new Response(new ReadableStream<Uint8Array>({ pull }, { highWaterMark: 0 }));
  }),
});

export default http;
