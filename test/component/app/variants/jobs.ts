/** The app with the library, and without its component. */
import { instrumentConvex } from "convex-otel/convex";
import { otlp } from "convex-otel/otlp";
import { server } from "./stock.js";

export const { query, mutation, internalMutation, action, httpAction, deliver, traceHttpRouter } = instrumentConvex(
  server,
  { service: { name: "app" }, exporter: otlp() },
);
