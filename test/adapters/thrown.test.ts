/**
 * Anything can be thrown, and most of it is no Error: whatever it is, a user gets the very same thing from every adapter of a
 * server, and a span that says that something failed. What callers send as trace context is as arbitrary.
 */
import { describe, expect, it } from "vitest";
import { createCache, instrumentCache } from "../../src/adapters/cache/index.js";
import { tracedFetch, traceFetchHandler } from "../../src/adapters/http/index.js";
import { instrumentPg } from "../../src/adapters/sql/index.js";
import { withSpan } from "../../src/index.js";
import { diagnosed, type Recorded, register, TRACE_ID } from "./http/support.js";

/** Throws when it is looked at. */
const hostile = new Proxy(
  {},
  {
    get: () => {
      throw new Error("do not look");
    },
    getPrototypeOf: () => {
      throw new Error("do not ask");
    },
  },
);

const THROWN: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ["undefined", undefined],
  ["null", null],
  ["a text", "went wrong"],
  ["a number", 42],
  ["a bigint", 42n],
  ["a symbol", Symbol("secret")],
  ["an object", { code: "E1", password: "sk_live_secret" }],
  ["an object that throws when it is looked at", hostile],
]);

/** Ways for something to be thrown through an adapter. */
const WAYS: ReadonlyMap<string, (thrown: unknown) => unknown> = new Map([
  ["a handler at once", (thrown: unknown) => traceFetchHandler(() => throwing(thrown))(new Request("http://a/"))],
  ["a handler later", (thrown: unknown) => traceFetchHandler(() => rejecting(thrown))(new Request("http://a/"))],
  ["fetch", (thrown: unknown) => tracedFetch({ fetch: () => rejecting(thrown) })("http://a/")],
  ["what a cache loads", (thrown: unknown) => createCache(new Map()).cached("key", () => rejecting(thrown))],
  ["a store", (thrown: unknown) => instrumentCache({ get: () => throwing(thrown), set: () => 0 }).get()],
  ["a store later", (thrown: unknown) => instrumentCache({ get: () => rejecting(thrown), set: () => 0 }).get()],
  ["Redis", (thrown: unknown) => instrumentCache(redisThat(() => rejecting(thrown))).get()],
  ["a database", (thrown: unknown) => instrumentPg(clientThat(() => rejecting(thrown))).query("SELECT 1 FROM t")],
]);

/** As much of ioredis as `instrumentCache` looks for. */
function redisThat(get: () => Promise<never>): {
  get: typeof get;
  sendCommand(): void;
  getBuiltinCommands(): string[];
} {
  return { get, sendCommand: () => undefined, getBuiltinCommands: () => ["get"] };
}

function throwing(thrown: unknown): never {
  throw thrown;
}

/** Not an async function: a promise is rejected with what it is given, without a look at it. */
function rejecting(thrown: unknown): Promise<never> {
  return new Promise((_resolve, reject) => reject(thrown));
}

/** As much of a client of node-postgres as `instrumentPg` looks for. Real ones throw errors. */
function clientThat(query: (text: string) => Promise<never>): { query: typeof query; connect(): Promise<void> } {
  return { query, connect: () => Promise.resolve() };
}

/** What `fn` throws or rejects with, in a box: a rejection may be undefined. */
async function caught(fn: () => unknown): Promise<{ readonly thrown: unknown } | "nothing"> {
  try {
    await fn();
    return "nothing";
  } catch (thrown) {
    return { thrown };
  }
}

function failed(recorded: Recorded): number {
  return recorded.spans().filter(({ status }) => status.code === 2).length;
}

describe.each([...WAYS])("thrown by %s", (_name, run) => {
  it.each([...THROWN])("if it is %s", async (_kind, thrown) => {
    const recorded = register();
    // Spans of caches and databases are recorded below others only.
    const outcome = await caught(() => withSpan("request", async () => await caught(() => run(thrown))));
    expect(outcome).toBe("nothing");
    const untraced = await withSpan("request", async () => await caught(() => run(thrown)));
    expect(untraced === "nothing" ? untraced : untraced.thrown === thrown).toBe(true);
    expect(failed(recorded)).toBeGreaterThanOrEqual(2);
    expect(JSON.stringify(recorded.spans())).not.toContain("sk_live_secret");
  });
});

describe("trace context that is none", () => {
  it.each([
    ["of another form", "not a traceparent"],
    ["all zero", `00-${"0".repeat(32)}-${"0".repeat(16)}-01`],
    ["of version ff", `ff-${TRACE_ID}-00f067aa0ba902b7-01`],
    ["in capitals", `00-${TRACE_ID.toUpperCase()}-00f067aa0ba902b7-01`],
    ["too long", `00-${TRACE_ID}-00f067aa0ba902b7-01-more`],
    ["endless", "0".repeat(8_000)],
  ])("%s begins a new trace", (_name, traceparent) => {
    const recorded = register();
    const { said, diagnostics } = diagnosed();
    const headers = {
      traceparent,
      tracestate: "=,=,".repeat(500),
      baggage: "%%%".repeat(500),
      "x-correlation-id": "\t",
    };
    traceFetchHandler(() => new Response("fine"), { route: "/x", diagnostics })(new Request("http://a/x", { headers }));
    const [span] = recorded.spans();
    expect([span?.name, span?.parentSpanId, span?.traceId === TRACE_ID]).toEqual(["GET /x", undefined, false]);
    expect(said).toEqual([]);
  });
});
