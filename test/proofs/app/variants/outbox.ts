/** The app with the library and its component. */
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
  outbox: componentsGeneric()["otel"] as never,
});
