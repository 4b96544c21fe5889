import { instrumentConvex } from "convex-otel/convex";
import { otlp } from "convex-otel/otlp";
import * as server from "./_generated/server";

export const {
  query,
  mutation,
  action,
  internalQuery,
  internalMutation,
  internalAction,
  httpAction,
  deliver,
  traceHttpRouter,
} = instrumentConvex(server, { service: { name: "smoke", version: "1.0.0" }, exporter: otlp() });
