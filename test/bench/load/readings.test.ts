import { describe, expect, it } from "vitest";
import { readTimes } from "../../../bench/load/generators/autocannon.js";
import { readSummary } from "../../../bench/load/generators/k6.js";
import { parseCounts } from "../../../bench/load/machines/cacheServer.js";
import { parseStat } from "../../../bench/load/machines/cpuTime.js";
import { parseOptions } from "../../../bench/load/options.js";
import { requestPlan } from "../../../bench/load/requestPlan.js";
import { expectedSpans } from "../../../bench/load/spans/expectedSpans.js";

describe("what Linux says of a process", () => {
  it.each(["node", "a (strange) name) 7"])("is read whatever its name is: %s", (name) => {
    const stat = `4711 (${name}) S 17 4711 4711 0 -1 4194560 100 200 0 0 320 45 70 8 20 0 11 0 123456 1000000`;
    expect(parseStat(stat)).toEqual({ parent: 17, own: 3650, endedChildren: 780 });
  });
});

describe("what Redis counted", () => {
  it("is read from INFO", () => {
    const info = [
      "# Stats",
      "keyspace_hits:60",
      "keyspace_misses:40",
      "# Commandstats",
      "cmdstat_get:calls=100,usec=90,usec_per_call=0.90,rejected_calls=0,failed_calls=0",
      "cmdstat_set:calls=30,usec=60,usec_per_call=2.00,rejected_calls=0,failed_calls=0",
    ].join("\r\n");
    expect(parseCounts(info)).toEqual({ lookups: 100, misses: 40, stores: 30 });
  });

  it("is nothing where no command was sent", () => {
    expect(parseCounts("# Stats\r\nkeyspace_misses:0\r\n")).toEqual({ lookups: 0, misses: 0, stores: 0 });
  });
});

describe("the figures of k6", () => {
  const trend = (p50: number) => ({ type: "trend", values: { "p(50)": p50, "p(95)": p50 + 1, "p(99)": p50 + 2 } });
  const count = (value: number) => ({ type: "counter", values: { count: value, rate: 1 } });
  const summary = {
    state: { testRunDurationMs: 4_000 },
    metrics: {
      http_reqs: count(800),
      http_req_failed: { type: "rate", values: { rate: 0.01, passes: 8, fails: 792 } },
      "http_reqs{kind:search}": count(500),
      "http_reqs{kind:detail}": count(200),
      "http_reqs{kind:aggregate}": count(100),
      "http_req_duration{kind:search}": trend(10),
      "http_req_duration{kind:detail}": trend(20),
      "http_req_duration{kind:aggregate}": trend(30),
    },
  };

  it("are those of its summary", () => {
    expect(readSummary(summary)).toEqual({
      requests: 800,
      errors: 8,
      perSecond: 200,
      endpoints: {
        search: { requests: 500, p50: 10, p95: 11, p99: 12 },
        detail: { requests: 200, p50: 20, p95: 21, p99: 22 },
        aggregate: { requests: 100, p50: 30, p95: 31, p99: 32 },
      },
    });
  });

  it("count what was not sent in time as errors", () => {
    const metrics = { ...summary.metrics, dropped_iterations: count(3) };
    expect(readSummary({ ...summary, metrics }).errors).toBe(11);
  });

  it("are not made up where the summary has none", () => {
    expect(() => readSummary({ state: { testRunDurationMs: 4_000 }, metrics: {} })).toThrow();
  });
});

describe("the figures of autocannon", () => {
  it("are made of each answer's time", () => {
    const times = { search: [3, 1, 2, 4], detail: [7], aggregate: [] };
    expect(readTimes({ seconds: 2, errors: 1, times })).toEqual({
      requests: 5,
      errors: 1,
      perSecond: 2.5,
      endpoints: {
        search: { requests: 4, p50: 2, p95: 4, p99: 4 },
        detail: { requests: 1, p50: 7, p95: 7, p99: 7 },
        aggregate: { requests: 0, p50: Number.NaN, p95: Number.NaN, p99: Number.NaN },
      },
    });
  });
});

describe("the spans that a round must have made", () => {
  const sizes = { hit: { search: 7, detail: 6, aggregate: 5 }, load: 4, lookup: 2 };
  const requests = { search: 10, detail: 5, aggregate: 1 };
  const ofHits = 10 * 7 + 5 * 6 + 1 * 5;

  it.each([
    ["hits only", { lookups: 16, misses: 0, stores: 0 }, ofHits],
    ["loads", { lookups: 16, misses: 3, stores: 3 }, ofHits + 3 * 4],
    ["waiting after a miss", { lookups: 16, misses: 5, stores: 3 }, ofHits + 3 * 4 + 2],
    ["waiting instead of looking up", { lookups: 12, misses: 3, stores: 3 }, ofHits + 3 * 4 + 4 * (1 - 2)],
  ])("%s", (_what, counts, expected) => {
    expect(expectedSpans(sizes, requests, counts)).toBe(expected);
  });
});

describe("the requests of a round", () => {
  it("are the same each time, others in another round, and of all endpoints", () => {
    expect(requestPlan(1)).toEqual(requestPlan(1));
    expect(requestPlan(1)).not.toEqual(requestPlan(2));
    const kinds = requestPlan(1).map(({ kind }) => kind);
    const share = (kind: string): number => kinds.filter((one) => one === kind).length / kinds.length;
    expect([share("search"), share("detail"), share("aggregate")].map((part) => Math.round(part * 20) / 20)).toEqual([
      0.65, 0.25, 0.1,
    ]);
  });
});

describe("options", () => {
  it("have defaults", () => {
    expect(parseOptions([])).toEqual({
      mode: "measure",
      rounds: 12,
      seconds: 4,
      warmUpRounds: 2,
      connections: 64,
      perSecond: undefined,
      rows: 1_000_000,
      requests: 864_000,
      generator: "k6 if it can be built",
    });
  });

  it("say what to do", () => {
    expect(parseOptions(["--compare", "--rounds", "3"])).toMatchObject({ mode: "compare", rounds: 3 });
    expect(parseOptions(["--generator", "autocannon"])).toMatchObject({ generator: "autocannon" });
    expect(parseOptions(["--per-second", "500"])).toMatchObject({ mode: "measure", perSecond: 500 });
  });

  it.each([
    [["--compare", "--save"], "Choose one of --compare and --save."],
    [["--soak", "--requests", "10"], '--requests must be a whole number from 1000 to 1000000000, not "10".'],
    [["--seconds", "60"], '--seconds must be a whole number from 1 to 20, not "60".'],
    [["--soak", "--per-second", "10"], "--per-second cannot be given with --soak"],
    [["--per-second", "0"], '--per-second must be a whole number from 1 to 1000000, not "0".'],
    [["--rounds", "many"], '--rounds must be a whole number from 1 to 1000, not "many".'],
    [["--generator", "wrk"], '--generator must be k6 or autocannon, not "wrk".'],
    [["--fast"], "Unknown option '--fast'"],
  ])("%j: %s", (args, message) => {
    expect(() => parseOptions(args)).toThrow(message);
  });
});
