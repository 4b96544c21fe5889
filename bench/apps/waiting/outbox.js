/** Functions that do nothing, and whose spans leave through the component. */
import { componentsGeneric } from "convex/server";
import { instrumentConvex } from "convex-otel/convex";
import { otlp } from "convex-otel/otlp";
import * as server from "../_generated/server";

const otel = instrumentConvex(server, {
  service: { name: "bench" },
  exporter: otlp(),
  outbox: componentsGeneric()["otel"],
  deliver: "outbox:deliver",
});

export const { deliver } = otel;
export const mutation = otel.mutation({ args: {}, handler: async () => null });
export const action = otel.action({ args: {}, handler: async () => null });
export const httpAction = otel.httpAction(async () => new Response("done"));
