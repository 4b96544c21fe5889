/** Stores of this process: what is recorded of them, and that they go on as before. */
import { createHash } from "node:crypto";
import { LRUCache } from "lru-cache";
import { describe, expect, it } from "vitest";
import { createCache, instrumentCache } from "../../../src/adapters/cache/index.js";
import { type Diagnostic, withSpan } from "../../../src/index.js";
import { recordSpans, request } from "./harness.js";

const recorded = recordSpans();

const LOOKUP = ["cache.hit", "cache.stale", "cache.hit_count", "cache.lookup_count"];

describe("a map", () => {
  it("tells of look-ups on their spans, on the span that asked, and on the request", async () => {
    const results = instrumentCache(new Map<string, string[]>(), { name: "results", class: "search" });
    await request("GET /api/search", () =>
      withSpan("db_search", () => {
        if (results.get("q=shoes") === undefined) results.set("q=shoes", ["boot"]);
        return results.get("q=shoes");
      }),
    );
    expect(recorded.tree(...LOOKUP)).toMatchInlineSnapshot(`
      "GET /api/search [server] {cache.hit=false cache.hit_count=1 cache.lookup_count=2}
      └─ db_search {cache.hit=false cache.hit_count=1 cache.lookup_count=2}
         ├─ cache get results {cache.hit=false}
         ├─ cache set results
         └─ cache get results {cache.hit=true}"
    `);
    expect(recorded.spans.find(({ name }) => name === "cache get results")?.attributes).toMatchInlineSnapshot(`
      {
        "cache.endpoint.class": "search",
        "cache.hit": false,
        "cache.key_hash": "84929a18b51c79f5",
        "cache.name": "results",
        "cache.operation": "get",
        "cache.target_hit_ratio": 0.6,
      }
    `);
    expect(recorded.spans.find(({ name }) => name === "cache set results")?.attributes).toMatchInlineSnapshot(`
      {
        "cache.key_hash": "84929a18b51c79f5",
        "cache.name": "results",
        "cache.operation": "set",
      }
    `);
  });

  it("stays a map that answers at once, is the same object, and shows nothing of it", () => {
    const map = new Map([["a", 1]]);
    expect(instrumentCache(map)).toBe(map);
    expect(Object.keys(map)).toEqual([]);
    expect([map.get("a"), map.get("b"), map.set("b", 2), map.delete("a"), map.size]).toEqual([
      1,
      undefined,
      map,
      true,
      1,
    ]);
    expect([map.get.name, map.get.length, structuredClone(map)]).toEqual(["get", 1, new Map([["b", 2]])]);
  });

  it("tells values from a miss, whatever they are", async () => {
    const values = [undefined, null, false, 0, "", Number.NaN];
    const map = instrumentCache(new Map<unknown, unknown>(values.map((value, index) => [index, value])));
    await request("GET /", () => [...values.keys(), "missing"].map((key) => map.get(key)));
    const hits = recorded.spans.filter(({ kind }) => kind === "internal").map((span) => span.attributes["cache.hit"]);
    expect(hits).toEqual([true, true, true, true, true, true, false]);
  });

  it("is not watched where nothing is traced", () => {
    const map = instrumentCache(new Map([["a", 1]]));
    expect(map.get("a")).toBe(1);
    expect(recorded.spans).toEqual([]);
  });

  it("buries nothing under a loop: 20 spans for a request, the rest is counted", async () => {
    const map = instrumentCache(new Map(Array.from({ length: 50 }, (_, i) => [i, i])));
    await request("GET /", () => Array.from({ length: 100 }, (_, i) => map.get(i)));
    expect(recorded.spans).toHaveLength(21);
    const { attributes } = recorded.spans.find(({ name }) => name === "GET /")!;
    expect(attributes).toEqual({ "cache.hit": false, "cache.lookup_count": 100, "cache.hit_count": 50 });
  });

  it("leaves no key in telemetry, and the same hash for the same key", async () => {
    const map = instrumentCache(new Map<unknown, number>());
    await request("GET /", () => [
      map.get("user:ann@example.com"),
      map.delete("user:ann@example.com"),
      map.get({}),
      map.get(7),
    ]);
    expect(JSON.stringify(recorded.spans)).not.toContain("ann");
    const hashes = recorded.spans
      .filter(({ kind }) => kind === "internal")
      .map((span) => span.attributes["cache.key_hash"]);
    const hash = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 16);
    expect(hashes).toEqual([hash("user:ann@example.com"), hash("user:ann@example.com"), undefined, hash("7")]);
  });
});

describe("other stores", () => {
  it("lru-cache works, with its own expiry and private fields", async () => {
    const lru = instrumentCache(new LRUCache<string, number>({ max: 2, updateAgeOnHas: true }), { name: "lru" });
    await request("GET /", () => {
      for (const key of ["a", "b", "c"]) lru.set(key, 1);
      return [lru.get("a"), lru.get("c")];
    });
    expect(lru).toBeInstanceOf(LRUCache);
    expect(lru.size).toBe(2);
    expect(recorded.tree(...LOOKUP)).toMatchInlineSnapshot(`
      "GET / [server] {cache.hit=false cache.hit_count=1 cache.lookup_count=2}
      ├─ cache set lru
      ├─ cache set lru
      ├─ cache set lru
      ├─ cache get lru {cache.hit=false}
      └─ cache get lru {cache.hit=true}"
    `);
  });

  it("a store that answers later keeps its errors and its order", async () => {
    const down = new Error("store down");
    const store = instrumentCache({
      get: async (key: string) => (key === "bad" ? Promise.reject(down) : key === "there" ? 1 : null),
      set: async () => undefined,
    });
    await request("GET /", async () => {
      expect(await store.get("there")).toBe(1);
      expect(await store.get("missing")).toBeNull();
      await expect(store.get("bad")).rejects.toBe(down);
    });
    expect(recorded.tree(...LOOKUP)).toMatchInlineSnapshot(`
      "GET / [server] {cache.hit=false cache.hit_count=1 cache.lookup_count=3}
      ├─ cache get cache {cache.hit=true}
      ├─ cache get cache {cache.hit=false}
      └─ cache get cache {cache.hit=false}
           ! error: Error"
    `);
  });

  it("what is thrown at once is thrown at once, the same object", async () => {
    const error = new RangeError("no such key");
    const store = instrumentCache({
      get: () => {
        throw error;
      },
      set: () => undefined,
    });
    await request("GET /", () => expect(() => store.get()).toThrow(error));
    expect(recorded.spans.find(({ kind }) => kind === "internal")).toMatchObject({
      attributes: { "error.type": "RangeError", "cache.hit": false },
      status: { code: 2 },
    });
  });
});

describe("options", () => {
  it("a second instrumentation changes nothing and says so", async () => {
    const said: Diagnostic[] = [];
    const map = instrumentCache(new Map<string, number>(), { name: "first", class: "detail" });
    expect(instrumentCache(map, { name: "second", diagnostics: (diagnostic) => said.push(diagnostic) })).toBe(map);
    await request("GET /", () => map.get("a"));
    expect(said.map(({ code }) => code)).toEqual(["cache.instrumented_twice"]);
    expect(recorded.tree("cache.name", "cache.endpoint.class", "cache.target_hit_ratio")).toMatchInlineSnapshot(`
      "GET / [server]
      └─ cache get first {cache.name=first cache.endpoint.class=detail cache.target_hit_ratio=0.8}"
    `);
  });

  it("a frozen store goes on as it is, and that is said", () => {
    const said: Diagnostic[] = [];
    const store = Object.freeze({ get: () => 1, set: () => undefined });
    expect(instrumentCache(store, { diagnostics: (diagnostic) => said.push(diagnostic) }).get()).toBe(1);
    expect(said.map(({ code }) => code)).toEqual(["cache.not_changeable"]);
  });

  it.each([
    ["search", undefined, 0.6],
    ["detail", undefined, 0.8],
    ["aggregate", undefined, 0.9],
    ["search", 0.75, 0.75],
    ["export", undefined, undefined],
    ["toString", undefined, undefined],
    [undefined, 0.5, 0.5],
  ])("class %s with target %s aims at %s", async (endpointClass, targetHitRatio, expected) => {
    const map = instrumentCache(new Map<string, number>(), { class: endpointClass, targetHitRatio });
    await request("GET /", () => map.get("a"));
    const { attributes } = recorded.spans.find(({ name }) => name === "cache get cache")!;
    expect([attributes["cache.endpoint.class"], attributes["cache.target_hit_ratio"]]).toEqual([
      endpointClass,
      expected,
    ]);
  });

  it.each([
    [{ name: "" }, 'instrumentCache: option "name": got a value of type string; allowed: a string that is not empty.'],
    [{ targetHitRatio: 60 }, 'instrumentCache: option "targetHitRatio": got 60; allowed: a number from 0 to 1.'],
    [{ class: 5 }, 'instrumentCache: option "class": got 5; allowed: a string that is not empty.'],
    [
      { diagnostics: "x" },
      'option "diagnostics": got a value of type string; allowed: a function (diagnostic) => void.',
    ],
  ])("refuses %j", (options, message) => {
    expect(() => instrumentCache(new Map(), options as never)).toThrow(message);
  });

  it.each([[{}], [{ get: () => 1 }], [{ get: 1, set: 2 }]])("refuses %j as a client", (client) => {
    expect(() => instrumentCache(client)).toThrow(/^instrumentCache: the client must be/);
    expect(() => createCache(client)).toThrow(/^createCache: the store must be/);
  });
});
