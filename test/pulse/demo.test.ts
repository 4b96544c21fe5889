/** `npm run demo:api` on a small table: real HTTP, a real Postgres, spans as the receiver got them. */
import { beforeAll, describe, expect, it } from "vitest";
import { findings, tracedRequest } from "../../examples/pulse-api/demo/findings.js";
import { report } from "../../examples/pulse-api/demo/report.js";
import { type DemoResult, runDemo } from "../../examples/pulse-api/demo/runDemo.js";
import { DEMO_KEY } from "../../examples/pulse-api/src/startServer.js";
import { type DecodedSpan, spanTree } from "../../src/testing/index.js";

/** Enough rows that Postgres prefers an index where there is one. */
const ROWS = 20_000;

describe("the demo of an API", () => {
  let result: DemoResult;

  beforeAll(async () => {
    const nowhere = { databaseUrl: undefined, redisUrl: undefined, endpoint: undefined };
    result = await runDemo({ ...nowhere, rows: ROWS, requests: 200, slowQueryMs: 0, log: () => undefined });
  }, 120_000);

  /** The first trace whose request matches. */
  const traceOf = (matches: (spans: readonly DecodedSpan[]) => boolean): readonly DecodedSpan[] => {
    const ids = new Set(result.spans.map(({ traceId }) => traceId));
    const traces = [...ids].map((id) => result.spans.filter(({ traceId }) => traceId === id));
    return traces.find(matches) ?? expect.fail("no trace is like that");
  };

  const has =
    (name: string, hit: boolean) =>
    (spans: readonly DecodedSpan[]): boolean =>
      spans.some((span) => span.name === name && span.attributes["cache.hit"] === hit);

  it("shows where a request that finds nothing in the cache spends its time", () => {
    const spans = traceOf(has("cache get search", false)).filter(({ name }) => !name.startsWith("EXPLAIN"));
    expect(`\n${spanTree(spans, { attributes: ["cache.hit"] })}\n`).toBe(`
GET /api/search [server] {cache.hit=false}
├─ authenticate
├─ parse_query
├─ db_search {cache.hit=false}
│  ├─ cache get search {cache.hit=false}
│  ├─ cache load search
│  │  └─ sql_execute
│  │     └─ SELECT listings [client]
│  └─ cache set search
├─ result_map
└─ serialize
`);
  });

  it("shows a request that the cache answers", () => {
    expect(`\n${spanTree(traceOf(has("cache get detail", true)), { attributes: ["cache.hit"] })}\n`).toBe(`
GET /api/listings/:id [server] {cache.hit=true}
├─ authenticate
├─ parse_query
├─ db_read {cache.hit=true}
│  └─ cache get detail {cache.hit=true}
├─ result_map
└─ serialize
`);
  });

  it("finds the query and the column that no index serves, and no other", () => {
    expect(findings(result.spans).map(({ query, sequentialScan }) => ({ query, sequentialScan }))).toEqual([
      {
        query:
          "SELECT id, category, title, material, price_cents FROM listings WHERE material = $1 ORDER BY price_cents LIMIT $2",
        sequentialScan: "listings (material)",
      },
    ]);
  });

  it("draws the slow request", () => {
    const text = report(result.phases, result.spans, { width: 110 });
    expect(text).toContain("an index would serve listings (material)");
    expect(text).toContain("[Request] GET /api/search");
    expect(tracedRequest(result.spans).map(({ name }) => name)).toContain("EXPLAIN SELECT listings");
  });

  it("keeps keys and headers to itself", () => {
    expect(
      JSON.stringify(result.spans, (_key, value: unknown) => (typeof value === "bigint" ? String(value) : value)),
    ).not.toContain(DEMO_KEY);
  });

  it("speaks of no plan where none was taken", () => {
    const planless = result.spans.filter(({ name }) => !name.startsWith("EXPLAIN"));
    const text = report(result.phases, planless, { width: 110 });
    expect(text).toContain("The slowest request:");
    expect(text).not.toMatch(/its plan|What the traces say/);
    expect(report(result.phases, result.spans, { width: 110 })).toContain(
      "A request with the slowest query, and its plan:",
    );
  });
});
