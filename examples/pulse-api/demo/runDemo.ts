/** Runs the incident against the real API: over HTTP, on a real Postgres, with spans that leave as OTLP. */
import { type DecodedSpan, startOtlpReceiver } from "convex-otel/testing";
import { seed } from "../src/database/seed.js";
import { openServices } from "../src/openServices.js";
import { startServer } from "../src/startServer.js";
import { startTracing } from "../src/tracing.js";
import { type Phase, playIncident } from "./incident.js";

/** What a run needs to know. */
export interface DemoOptions {
  readonly databaseUrl: string | undefined;
  readonly redisUrl: string | undefined;
  /** Where spans go. @defaultValue a receiver in this process, which hands them back */
  readonly endpoint: string | undefined;
  readonly rows: number;
  /** Requests of each phase. @defaultValue 600: enough that the slowest hundredth are more than one */
  readonly requests?: number;
  /** Milliseconds from which on a query is slow. @defaultValue that of the API */
  readonly slowQueryMs?: number;
  readonly log: (line: string) => void;
}

/** What came of it. */
export interface DemoResult {
  readonly phases: readonly Phase[];
  /** All spans, unless they were sent elsewhere. */
  readonly spans: readonly DecodedSpan[];
}

export async function runDemo(options: DemoOptions): Promise<DemoResult> {
  const { databaseUrl, redisUrl, endpoint, rows, requests = 600, slowQueryMs, log } = options;
  const receiver = endpoint === undefined ? await startOtlpReceiver({ validation: "interoperable" }) : undefined;
  const tracing = startTracing(endpoint ?? receiver?.url, slowQueryMs);
  const services = await openServices({ databaseUrl, redisUrl }, tracing);
  log(`${rows.toLocaleString("en")} listings …`);
  await seed(services.database, rows, tellProgress(log));
  const server = await startServer(services, tracing);
  const phases = await playIncident({ url: server.url, database: services.database, requests, log });
  await server.close();
  await services.close();
  await tracing.shutdown();
  await receiver?.close();
  return { phases, spans: receiver?.spans ?? [] };
}

/** Each quarter once. */
function tellProgress(log: (line: string) => void): (part: number) => void {
  let told = 0;
  return (part) => {
    if (part < told + 0.25) return;
    told = part;
    log(`  ${Math.round(part * 100)} %`);
  };
}
