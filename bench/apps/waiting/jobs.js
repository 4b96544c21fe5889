/** The same functions without the component: actions send, and all others schedule `deliver`. */
import { instrumentConvex } from "convex-otel/convex";
import { otlp } from "convex-otel/otlp";
import * as server from "../_generated/server";

const otel = instrumentConvex(server, { service: { name: "bench" }, exporter: otlp(), deliver: "jobs:deliver" });

export const { deliver } = otel;
export const mutation = otel.mutation({ args: {}, handler: async () => null });
export const action = otel.action({ args: {}, handler: async () => null });
export const httpAction = otel.httpAction(async () => new Response("done"));
