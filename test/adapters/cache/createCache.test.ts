/** `cached`: what is loaded, when, for whom, and what is recorded of it. */
import { context, trace } from "@opentelemetry/api";
import { describe, expect, it } from "vitest";
import {
  createCache,
  type CreateCacheOptions,
  instrumentCache,
  type LoadingCache,
} from "../../../src/adapters/cache/index.js";
import { type Diagnostic, withSpan } from "../../../src/index.js";
import { fakeClock } from "../../../src/testing/index.js";
import { recordSpans, request } from "./harness.js";

const recorded = recordSpans();
const SHOWN = ["cache.hit", "cache.stale", "cache.hit_count", "cache.lookup_count", "cache.ttl", "cache.item_age"];

interface Bench extends LoadingCache {
  readonly clock: ReturnType<typeof fakeClock>;
  readonly said: Diagnostic[];
  /** Loads under way, in the order they began; a test ends them. */
  readonly loads: { end(value: unknown): void; fail(thrown: unknown): void }[];
  /** Asks for a key with a load that the test ends. */
  ask(key?: string, options?: CreateCacheOptions): Promise<unknown>;
}

function bench(options: CreateCacheOptions = {}, store: object = new Map()): Bench {
  const clock = fakeClock();
  const said: Diagnostic[] = [];
  const loads: Bench["loads"] = [];
  const diagnostics = (diagnostic: Diagnostic): void => void said.push(diagnostic);
  const cache = createCache(store, { name: "search", ttl: 60, clock, diagnostics, ...options });
  const load = (): Promise<unknown> => new Promise((end, fail) => loads.push({ end, fail }));
  return { ...cache, clock, said, loads, ask: (key = "k", given = {}) => cache.cached(key, given, load) };
}

/** All that can go on without a load ending. */
async function settle(): Promise<void> {
  for (let i = 0; i < 20; i += 1) await Promise.resolve();
}

describe("a value", () => {
  it("is loaded once, then found, then loaded again when its time is over", async () => {
    const { cached, clock } = bench();
    let loads = 0;
    const load = (): number => (loads += 1);
    const seen = [await cached("k", load), await cached("k", load)];
    clock.advance(59_999);
    seen.push(await cached("k", load));
    clock.advance(1);
    seen.push(await cached("k", load), await cached("other", load));
    expect(seen).toEqual([1, 1, 1, 2, 3]);
  });

  it.each([[undefined], [null], [false], [0], [""], [Number.NaN]])("may be %s", async (value) => {
    const { cached } = bench();
    expect(await cached("k", () => value)).toBe(value);
    expect(await cached("k", () => expect.fail("loaded twice"))).toBe(value);
  });

  it("lives as long as the shorter of when it was written and when it is asked for", async () => {
    const { cached, clock } = bench({ ttl: 10 });
    await cached("k", { ttl: 100 }, () => 1);
    clock.advance(9_000);
    expect(await cached("k", () => 2)).toBe(1);
    clock.advance(1_000);
    expect(await cached("k", () => 3)).toBe(3);
    expect(await cached("k", { ttl: 0 }, () => 4)).toBe(4);
    expect(await cached("k", () => 5)).toBe(3);
  });

  it("is not taken from what somebody else wrote under the key", async () => {
    const store = new Map<string, unknown>([
      ["k", { value: 1, storedAt: 0 }],
      ["n", null],
      ["t", "text"],
    ]);
    const { cached } = bench({}, store);
    expect([await cached("k", () => 2), await cached("n", () => 2), await cached("t", () => 2)]).toEqual([2, 2, 2]);
  });
});

describe("one load for each key", () => {
  it("serves everybody who asks meanwhile", async () => {
    const { ask, loads } = bench();
    const asked = [ask(), ask(), ask("other"), ask()];
    await settle();
    expect(loads).toHaveLength(2);
    loads[0]!.end("first");
    loads[1]!.end("second");
    expect(await Promise.all(asked)).toEqual(["first", "first", "second", "first"]);
    expect(await ask()).toBe("first");
  });

  it("fails for all of them with the same error, and is begun anew after that", async () => {
    const { ask, loads } = bench();
    const error = new Error("no database");
    const asked = [ask(), ask()];
    loads[0]!.fail(error);
    expect(await Promise.allSettled(asked)).toEqual([
      { status: "rejected", reason: error },
      { status: "rejected", reason: error },
    ]);
    const again = ask();
    loads[1]!.end(2);
    expect(await again).toBe(2);
  });

  it("may throw at once", async () => {
    const { cached } = bench();
    const error = new Error("at once");
    const load = (): never => {
      throw error;
    };
    await expect(cached("k", load)).rejects.toBe(error);
    expect(await cached("k", () => 1)).toBe(1);
  });

  it("is shared by caches on the same store", async () => {
    const store = new Map();
    const [one, other] = [bench({}, store), bench({}, store)];
    const asked = [one.ask(), other.ask()];
    await settle();
    expect(one.loads.length + other.loads.length).toBe(1);
    one.loads[0]!.end(1);
    expect(await Promise.all(asked)).toEqual([1, 1]);
  });

  it("is grounded by a removal: who asked before gets it, who asks after waits and loads anew", async () => {
    const { ask, loads, delete: remove } = bench();
    const before = ask();
    await remove("k");
    const after = ask();
    await settle();
    expect(loads).toHaveLength(1);
    loads[0]!.end("old");
    expect(await before).toBe("old");
    await settle();
    loads[1]!.end("new");
    expect(await after).toBe("new");
    expect(await ask()).toBe("new");
  });

  it("is not stored by a write that a removal overtakes", async () => {
    const map = new Map<string, unknown>();
    let written: () => void = () => undefined;
    const slow = {
      get: async (key: string) => map.get(key),
      set: (key: string, value: unknown) =>
        new Promise<void>((done) => (written = () => done(void map.set(key, value)))),
      delete: async (key: string) => map.delete(key),
    };
    const { ask, loads, delete: remove } = bench({}, slow);
    const before = ask();
    await settle();
    loads[0]!.end("old");
    await settle();
    await remove("k");
    written();
    expect(await before).toBe("old");
    expect([...map]).toEqual([]);
  });
});

describe("stale values", () => {
  it("are served while one load is under way in the background, in a trace of its own", async () => {
    const { ask, loads, clock } = bench({ staleWhileRevalidate: 100 });
    const first = ask();
    loads[0]!.end(1);
    await first;
    clock.advance(90_500);
    await request("GET /api/search", async () => expect([await ask(), await ask()]).toEqual([1, 1]));
    expect(loads).toHaveLength(2);
    loads[1]!.end(2);
    await settle();
    expect(await ask()).toBe(2);
    expect(recorded.tree(...SHOWN)).toMatchInlineSnapshot(`
      "GET /api/search [server] {cache.hit=true cache.stale=true cache.hit_count=2 cache.lookup_count=2}
      ├─ cache get search {cache.hit=true cache.stale=true cache.ttl=0 cache.item_age=90}
      └─ cache get search {cache.hit=true cache.stale=true cache.ttl=0 cache.item_age=90}

      cache revalidate search
      │ ~ link to GET /api/search
      └─ cache set search {cache.ttl=60}"
    `);
  });

  it("survive a failed load in the background, which throws at nobody", async () => {
    const { ask, loads, clock } = bench({ staleWhileRevalidate: 100 });
    const first = ask();
    loads[0]!.end(1);
    await first;
    clock.advance(61_000);
    await request("GET /", () => ask());
    loads[1]!.fail(new TypeError("no database"));
    await settle();
    await request("GET /", async () => expect(await ask()).toBe(1));
    expect(recorded.tree("error.type")).toMatchInlineSnapshot(`
      "GET / [server]
      └─ cache get search

      cache revalidate search {error.type=TypeError}
        ! error: TypeError
        ~ link to GET /

      GET / [server]
      └─ cache get search"
    `);
  });

  it("are no good past their time: who asks then waits for the load in the background", async () => {
    const { ask, loads, clock } = bench({ staleWhileRevalidate: 10 });
    const first = ask();
    loads[0]!.end(1);
    await first;
    clock.advance(65_000);
    expect(await ask()).toBe(1);
    clock.advance(5_000);
    const late = ask();
    await settle();
    expect(loads).toHaveLength(2);
    loads[1]!.end(2);
    expect(await late).toBe(2);
  });

  it("keep the runtime awake", async () => {
    const work: Promise<void>[] = [];
    const { ask, loads, clock } = bench({ staleWhileRevalidate: 10, waitUntil: (promise) => work.push(promise) });
    const first = ask();
    loads[0]!.end(1);
    await first;
    clock.advance(60_000);
    await ask();
    loads[1]!.fail(new Error("lost"));
    expect(await Promise.all(work)).toEqual([undefined]);
  });

  it("stand in for a load that fails, if asked to", async () => {
    const { ask, loads, clock } = bench({ staleIfError: 100 });
    const first = ask();
    loads[0]!.end(1);
    await first;
    clock.advance(100_000);
    const error = new TypeError("no database");
    await request("GET /", async () => {
      const asked = [ask(), ask()];
      loads[1]!.fail(error);
      expect(await Promise.all(asked)).toEqual([1, 1]);
    });
    expect(recorded.tree("cache.hit", "cache.stale", "error.type")).toMatchInlineSnapshot(`
      "GET / [server] {cache.hit=false cache.stale=true}
      ├─ cache get search {cache.hit=false}
      ├─ cache load search {error.type=TypeError}
      │    ! error: TypeError
      └─ cache wait search {cache.hit=false}
           ~ link to cache load search"
    `);
    clock.advance(60_000);
    const tooLate = ask();
    loads[2]!.fail(error);
    await expect(tooLate).rejects.toBe(error);
  });
});

describe("a store that is down", () => {
  const refused = new Error("connect ECONNREFUSED 127.0.0.1:6379");
  const down = {
    get: () => Promise.reject(refused),
    set: () => Promise.reject(refused),
    delete: () => Promise.reject(refused),
  };
  const broken = {
    get: () => {
      throw refused;
    },
    set: () => {
      throw refused;
    },
    delete: () => {
      throw refused;
    },
  };

  it.each([
    ["rejects", down],
    ["throws", broken],
  ])("and %s: values are loaded, and it is said once", async (_how, store) => {
    const { cached, said } = bench({}, store);
    await request("GET /", async () => {
      expect([await cached("k", () => 1), await cached("k", () => 2)]).toEqual([1, 2]);
    });
    expect(said.map(({ code, message }) => `${code}: ${message}`)).toMatchInlineSnapshot(`
      [
        "cache.store_failed: The store of cache "search" could not be read; values are loaded instead. Its spans say why.",
      ]
    `);
    expect(recorded.tree("cache.hit", "error.type")).toMatchInlineSnapshot(`
      "GET / [server] {cache.hit=false}
      ├─ cache get search {cache.hit=false error.type=Error}
      │    ! error: Error
      ├─ cache load search
      ├─ cache set search {error.type=Error}
      │    ! error: Error
      ├─ cache get search {cache.hit=false error.type=Error}
      │    ! error: Error
      ├─ cache load search
      └─ cache set search {error.type=Error}
           ! error: Error"
    `);
  });

  it("fails a removal with its own error: the value may still be there", async () => {
    await expect(bench({}, down).delete("k")).rejects.toBe(refused);
    await expect(bench({}, broken).delete("k")).rejects.toBe(refused);
  });

  it("does not fail a load that fails", async () => {
    const error = new Error("no database");
    await expect(bench({}, down).cached("k", () => Promise.reject(error))).rejects.toBe(error);
  });
});

describe("what is recorded", () => {
  it("of a miss and a hit, with a store that is instrumented, too", async () => {
    const store = instrumentCache(new Map(), { name: "memory" });
    const { cached } = bench({ class: "search" }, store);
    await request("GET /api/search", () =>
      withSpan("db_search", () => cached("q", () => withSpan("sql_execute", async () => ["boot"]))),
    );
    await request("GET /api/search", () => withSpan("db_search", () => cached("q", () => expect.fail("loaded twice"))));
    expect(recorded.tree(...SHOWN, "cache.endpoint.class", "cache.target_hit_ratio")).toMatchInlineSnapshot(`
      "GET /api/search [server] {cache.hit=false cache.hit_count=0 cache.lookup_count=1}
      └─ db_search {cache.hit=false cache.hit_count=0 cache.lookup_count=1}
         ├─ cache get search {cache.hit=false cache.endpoint.class=search cache.target_hit_ratio=0.6}
         ├─ cache load search
         │  └─ sql_execute
         └─ cache set search {cache.ttl=60}

      GET /api/search [server] {cache.hit=true cache.hit_count=1 cache.lookup_count=1}
      └─ db_search {cache.hit=true cache.hit_count=1 cache.lookup_count=1}
         └─ cache get search {cache.hit=true cache.ttl=60 cache.item_age=0 cache.endpoint.class=search cache.target_hit_ratio=0.6}"
    `);
  });

  it("of those who wait: how long, and for which load", async () => {
    const { ask, loads } = bench();
    const asked = [request("GET /1", () => ask()), request("GET /2", () => ask())];
    await settle();
    loads[0]!.end(1);
    await Promise.all(asked);
    expect(recorded.tree("cache.hit", "cache.operation")).toMatchInlineSnapshot(`
      "GET /1 [server] {cache.hit=false}
      ├─ cache get search {cache.hit=false cache.operation=get}
      ├─ cache load search
      └─ cache set search {cache.operation=set}

      GET /2 [server] {cache.hit=false}
      └─ cache wait search {cache.hit=false cache.operation=get}
           ~ link to cache load search"
    `);
  });

  it("per call: its own class with its own target", async () => {
    const { cached } = bench({ class: "search" });
    await request("GET /", async () => {
      await cached("a", { class: "aggregate" }, () => 1);
      await cached("b", { targetHitRatio: 0.1 }, () => 1);
      await cached("c", {}, () => 1);
    });
    const lookups = recorded.spans.filter(({ name }) => name === "cache get search");
    const facts = ({ attributes }: (typeof lookups)[number]): unknown[] => {
      return [attributes["cache.endpoint.class"], attributes["cache.target_hit_ratio"]];
    };
    expect(lookups.map(facts)).toEqual([
      ["aggregate", 0.9],
      ["search", 0.1],
      ["search", 0.6],
    ]);
  });

  it("is nothing at all without a provider", async () => {
    trace.disable();
    context.disable();
    const { cached } = bench();
    expect(await withSpan("asks", () => cached("k", () => 1))).toBe(1);
    expect(recorded.spans).toEqual([]);
  });
});

describe("options", () => {
  it.each([
    [{ ttl: -1 }, 'createCache: option "ttl": got -1; allowed: seconds, a number not below 0.'],
    [{ ttl: "60" }, 'createCache: option "ttl": got a value of type string; allowed: seconds, a number not below 0.'],
    [{ staleIfError: Number.POSITIVE_INFINITY }, 'option "staleIfError": got Infinity; allowed: seconds'],
  ])("refuses %j", (options, message) => {
    expect(() => createCache(new Map(), options as never)).toThrow(message);
  });

  it("of a call that make no sense are said once, and the cache's own are used", async () => {
    const { cached, said, clock } = bench();
    await cached("k", { ttl: Number.NaN }, () => 1);
    clock.advance(59_000);
    expect(await cached("k", { ttl: Number.NaN }, () => 2)).toBe(1);
    expect(said.map(({ code }) => code)).toEqual(["cache.option_invalid"]);
  });

  it("must include a load", async () => {
    await expect(bench().cached("k", {} as never)).rejects.toThrow("the last argument must be a function");
  });
});
