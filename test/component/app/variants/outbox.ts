/** The app with the library and its component. */
import { componentsGeneric } from "convex/server";
import { instrumentConvex } from "convex-otel/convex";
import { otlp } from "convex-otel/otlp";
import { server } from "./stock.js";

export const { query, mutation, internalMutation, action, httpAction, deliver, traceHttpRouter } = instrumentConvex(
  server,
  { service: { name: "app" }, exporter: otlp(), outbox: componentsGeneric()["otel"] as never },
);
