/**
 * Tracing, set up once. Every other file imports its builders from here instead of from `./_generated/server`; that is
 * the whole change.
 */
import { instrumentConvex, type Complete, type Instrumented } from "convex-otel/convex";
import { otlp } from "convex-otel/otlp";
import { components, type api, type internal } from "./_generated/api";
import * as server from "./_generated/server";

/**
 * Functions that are still built with the stock builders, such as `"migrations:*"`. Here: none. Exported, so that
 * `npx convex-otel check` finds it.
 */
export const uninstrumented = [] as const;

export const {
  query,
  mutation,
  action,
  internalQuery,
  internalMutation,
  internalAction,
  httpAction,
  // Sends what mutations and HTTP actions recorded where no outbox takes it. It is scheduled by its path, so it must be
  // exported from here.
  deliver,
  traceHttpRouter,
  traceCron,
} = instrumentConvex(server, {
  service: { name: "relayflow", version: "1.0.0" },
  // Reads OTEL_EXPORTER_OTLP_ENDPOINT when it runs; without one, nothing is recorded.
  exporter: otlp(),
  // The component of `convex.config.ts`. Without this line, each mutation schedules a `deliver` of its own.
  outbox: components.otel,
  uninstrumented,
});

// Does not compile while a mutation or an action is neither built with these builders nor listed above.
({}) as Instrumented<typeof api | typeof internal, typeof uninstrumented> satisfies Complete;
