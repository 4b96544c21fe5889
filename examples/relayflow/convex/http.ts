/** The routes that are reachable from outside. */
import { httpRouter } from "convex/server";
import { traceHttpRouter } from "./otel";
import { receiveStripe } from "./webhooks";

const http = httpRouter();

http.route({ path: "/webhooks/stripe", method: "POST", handler: receiveStripe });

// An HTTP action cannot see which route it serves; the router can, so the router names the spans.
export default traceHttpRouter(http);
