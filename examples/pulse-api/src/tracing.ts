/** Tracing of this API, all of it: the set-up, and what wraps the server, the database and the caches. */
import type { RequestListener } from "node:http";
import type { PGlite } from "@electric-sql/pglite";
import { traceNodeHandler } from "convex-otel/http";
import { type NodeRegistration, registerNode } from "convex-otel/node";
import { otlp } from "convex-otel/otlp";
import { instrumentPg, instrumentPglite } from "convex-otel/sql";
import type pg from "pg";
import { endpointClasses } from "./routes.js";

/** Milliseconds from which on a query is slow, and Postgres is asked for its plan. */
const SLOW_QUERY_MS = 100;

/** What the API is built with: each function gives back what it is given, traced or not. */
export interface Tracing {
  readonly server: (listener: RequestListener) => RequestListener;
  readonly pool: (pool: pg.Pool) => pg.Pool;
  readonly embedded: (database: PGlite) => PGlite;
  /** Sends what is waiting, and stops. */
  readonly shutdown: () => Promise<void>;
}

/** Sends to `OTEL_EXPORTER_OTLP_ENDPOINT`, or to `endpoint`. Without any, nothing is recorded. */
export function startTracing(endpoint?: string, slowQueryMs = SLOW_QUERY_MS): Tracing {
  const slowQueryPlans = { thresholdMs: slowQueryMs };
  const registration: NodeRegistration = registerNode({
    service: { name: "pulse-api", version: "1.4.0" },
    exporter: otlp(endpoint === undefined ? {} : { endpoint }),
  });
  return {
    server: (listener) => traceNodeHandler(listener, { endpointClass: endpointClasses, query: "values" }),
    pool: (pool) => instrumentPg(pool, { slowQueryPlans }),
    embedded: (database) => instrumentPglite(database, { slowQueryPlans }),
    shutdown: async () => await registration.shutdown(),
  };
}

/** The same API without tracing, to compare with. */
export const noTracing: Tracing = {
  server: (listener) => listener,
  pool: (pool) => pool,
  embedded: (database) => database,
  shutdown: () => Promise.resolve(),
};
