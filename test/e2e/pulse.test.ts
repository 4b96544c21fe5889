/** The example API on servers of its own kind: PostgreSQL, Redis, and its spans in Jaeger. */
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { runDemo } from "../../examples/pulse-api/demo/runDemo.js";
import { DEMO_KEY } from "../../examples/pulse-api/src/startServer.js";
import type { SpanRecord } from "../../src/index.js";
import { spanTree } from "../../src/testing/index.js";
import { type Jaeger, startJaeger } from "./jaeger.js";
import { spansOf } from "./jaegerSpans.js";
import { type PostgresServer, startPostgres } from "./postgresServer.js";
import { type RedisServer, startRedis } from "./redisServer.js";

const [jaegerBinary, postgresBinary, redisBinary] = [
  inject("jaegerBinary"),
  inject("postgresBinary"),
  inject("redisBinary"),
];

/** Enough rows that Postgres prefers an index where there is one. */
const ROWS = 20_000;

describe.skipIf([jaegerBinary, postgresBinary, redisBinary].includes(""))("the example API", () => {
  const machines: { stop(): Promise<void> }[] = [];
  let jaeger: Jaeger;

  beforeAll(async () => {
    const started = <T extends { stop(): Promise<void> }>(machine: T): T => {
      machines.push(machine);
      return machine;
    };
    jaeger = started(await startJaeger(jaegerBinary));
    const postgres: PostgresServer = started(await startPostgres(postgresBinary));
    const redis: RedisServer = started(await startRedis(redisBinary));
    const { phases } = await runDemo({
      databaseUrl: `postgres://postgres@127.0.0.1:${postgres.port}/postgres`,
      redisUrl: `redis://127.0.0.1:${redis.port}`,
      endpoint: jaeger.otlpUrl,
      rows: ROWS,
      requests: 100,
      slowQueryMs: 0,
      log: () => undefined,
    });
    expect(phases.length).toBeGreaterThan(1);
  }, 120_000);

  afterAll(async () => {
    for (const machine of machines.reverse()) await machine.stop();
  });

  /** A trace whose look-up in a cache had this result. */
  async function traceWith(cache: string, hit: boolean): Promise<readonly SpanRecord[]> {
    const traces = (await jaeger.findTraces({ service: "pulse-api", limit: 1_000 })).map(spansOf);
    const isIt = ({ name, attributes }: SpanRecord): boolean =>
      name === `cache get ${cache}` && attributes["cache.hit"] === hit;
    const found = traces.find((spans) => spans.some(isIt)) ?? expect.fail("no trace is like that");
    // Which statements are explained depends on which came first.
    return found.filter(({ name }) => !name.startsWith("EXPLAIN"));
  }

  const shown = { attributes: ["cache.hit", "db.system.name", "db.response.returned_rows"] };

  it("shows the statement of a request that Redis did not answer", async () => {
    expect(`\n${spanTree(await traceWith("detail", false), shown)}\n`).toBe(`
GET /api/listings/:id [server] {cache.hit=false}
├─ authenticate
├─ parse_query
├─ db_read {cache.hit=false}
│  ├─ cache get detail {cache.hit=false}
│  ├─ cache load detail
│  │  └─ sql_execute
│  │     └─ SELECT listings [client] {db.system.name=postgresql db.response.returned_rows=1}
│  └─ cache set detail
├─ result_map
└─ serialize
`);
  });

  it("shows a request that Redis answers", async () => {
    expect(`\n${spanTree(await traceWith("search", true), shown)}\n`).toBe(`
GET /api/search [server] {cache.hit=true}
├─ authenticate
├─ parse_query
├─ db_search {cache.hit=true}
│  └─ cache get search {cache.hit=true}
├─ result_map
└─ serialize
`);
  });

  it("sends no key", async () => {
    const traces = await jaeger.findTraces({ service: "pulse-api", limit: 1_000 });
    expect(traces.length).toBeGreaterThan(100);
    expect(JSON.stringify(traces)).not.toContain(DEMO_KEY);
  });
});
