/** The app with functions that are never recorded among others that always are. */
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
});
