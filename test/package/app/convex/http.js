import { httpRouter } from "convex/server";
import { httpAction, traceHttpRouter } from "./otel";

const http = traceHttpRouter(httpRouter());

http.route({ path: "/hook", method: "POST", handler: httpAction(async () => new Response(null, { status: 204 })) });

export default http;
