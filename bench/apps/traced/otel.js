/** The set-up of this library, as its documentation shows it. */
import { instrumentConvex } from "convex-otel/convex";
import { otlp } from "convex-otel/otlp";
import * as server from "../_generated/server";

export const { query, mutation, action, internalQuery, internalMutation, internalAction, httpAction, deliver } =
  instrumentConvex(server, { service: { name: "bench", version: "1.0.0" }, exporter: otlp() });
