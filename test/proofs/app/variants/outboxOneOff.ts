/** The app with the library, its component, and functions that are never recorded. */
import { componentsGeneric } from "convex/server";
import { instrumentConvex } from "convex-otel/convex";
import { otlp } from "convex-otel/otlp";
import { server } from "./stock.js";

export const {
  query,
  internalQuery,
  mutation,
  internalMutation,
  action,
  internalAction,
  httpAction,
  deliver,
  traceHttpRouter,
} = instrumentConvex(server, {
  service: { name: "proofs" },
  exporter: otlp(),
  uninstrumented: ["plain:*"],
  sampling: { "off:*": 0, "*": 1 },
  outbox: componentsGeneric()["otel"] as never,
});
