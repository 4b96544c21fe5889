/** A program that asks one slow query and ends, for test/e2e/postgres.test.ts. The port is its argument. */
import { context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import pg from "pg";
import { instrumentPg } from "../../src/adapters/sql/index.js";

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
trace.setGlobalTracerProvider(new BasicTracerProvider());
const config = { host: "127.0.0.1", port: Number(process.argv[2]), user: "postgres", database: "postgres" };
const client = instrumentPg(new pg.Client(config), { slowQueryPlans: { thresholdMs: 0 } });
await client.connect();
await trace.getTracer("test").startActiveSpan("GET /", async (span) => {
  console.log((await client.query<{ n: number }>("SELECT 1 AS n")).rows[0]?.n);
  span.end();
});
// By now the connection for the plan is open.
await new Promise((resolve) => setTimeout(resolve, 50));
await client.end();
