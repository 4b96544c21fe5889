/** `traceFetchHandler` and `registerNode` in route handlers of Next.js, bundled and served as in production. */
import { beforeAll, describe, expect, inject, it } from "vitest";
import type { SpanRecord } from "../../src/core/types.js";
import { spanTree, startOtlpReceiver } from "../../src/testing/index.js";
import { buildNextApp, startNextApp } from "./nextApp.js";

const folder = inject("nextFolder");

/** The span of the caller of all requests. */
const CALLER = "b7ad6b7169203331";

/** Requests by the correlation id that they are sent with, and the trace that they continue. */
const REQUESTS = {
  evt_item: { method: "GET", path: "/api/items/7?q=secret", traceId: "a".repeat(32) },
  evt_other: { method: "GET", path: "/api/items/8", traceId: "b".repeat(32) },
  evt_fails: { method: "POST", path: "/api/fails", traceId: "c".repeat(32) },
  evt_prices: { method: "GET", path: "/api/prices", traceId: "d".repeat(32) },
  evt_daily: { method: "GET", path: "/api/daily", traceId: "e".repeat(32) },
  evt_edge: { method: "GET", path: "/api/edge", traceId: "f".repeat(32) },
} as const;

type Name = keyof typeof REQUESTS;

/** What a client got. */
interface Answer {
  readonly status: number;
  readonly correlationId: string | null;
  readonly body: string;
}

async function ask(url: string, name: Name): Promise<[name: Name, answer: Answer]> {
  const { method, path, traceId } = REQUESTS[name];
  const headers = { traceparent: `00-${traceId}-${CALLER}-01`, "x-correlation-id": name };
  const response = await fetch(url + path, { method, headers });
  const { status } = response;
  return [name, { status, correlationId: response.headers.get("x-correlation-id"), body: await response.text() }];
}

describe.skipIf(folder === "").each(["turbopack", "webpack"] as const)("a Next.js app, bundled by %s", (bundler) => {
  let built: string;
  let answers: Readonly<Record<string, Answer>>;
  let ended: readonly unknown[];
  let spans: readonly SpanRecord[];

  beforeAll(async () => {
    built = await buildNextApp(folder, bundler);
    const receiver = await startOtlpReceiver();
    const server = await startNextApp(folder, { RECEIVER: receiver.url });
    // Next.js loads a route with its first request, and traces that.
    for (const { method, path } of Object.values(REQUESTS)) await (await fetch(server.url + path, { method })).text();
    const names = Object.keys(REQUESTS) as Name[];
    answers = Object.fromEntries(await Promise.all(names.map((name) => ask(server.url, name))));
    ended = await server.stop();
    spans = receiver.spans;
    await receiver.close();
  }, 240_000);

  const tree = (name: Name, ...attributes: string[]): string => {
    const trace = spans.filter(({ traceId }) => traceId === REQUESTS[name].traceId);
    return `\n${spanTree(trace, { attributes, allowRemoteParents: [CALLER] })}\n`;
  };

  it.each([
    ["evt_item", "7"],
    ["evt_other", "8"],
  ] as const)("has one SERVER span for a request, and what its handler does below it: %s", (name, id) => {
    const body = JSON.stringify({ id, isRequest: true, correlationId: name });
    expect(answers[name]).toEqual({ status: 200, correlationId: name, body });
    expect(tree(name, "http.route", "convex.http.endpoint.class", "http.response.status_code")).toBe(`
GET /api/items/[id] [server] (parent elsewhere) {http.route="/api/items/[id]"}
├─ resolve page components
│  └─ load route module
├─ prepare route module
├─ executing api route (app) /api/items/[id]
│  └─ GET /api/items/[id] {http.route="/api/items/[id]" convex.http.endpoint.class=detail http.response.status_code=200}
│     └─ read
└─ start response
`);
    const ids = spans.filter(({ traceId }) => traceId === REQUESTS[name].traceId);
    expect(new Set(ids.map(({ attributes }) => attributes["correlation.id"]))).toEqual(new Set([name]));
  });

  it("leaves it to Next.js to answer what a handler throws", () => {
    expect(answers["evt_fails"]).toEqual({ status: 500, correlationId: null, body: "" });
    expect(tree("evt_fails")).toBe(`
POST /api/fails [server] (parent elsewhere)
│ ! error: 500
├─ resolve page components
│  └─ load route module
├─ prepare route module
└─ executing api route (app) /api/fails
   │ ! error: RangeError
   └─ POST /api/fails
        ! error: RangeError
`);
  });

  it("has one CLIENT span for an outgoing request, and goes on behind it", () => {
    const body = JSON.stringify({ id: "7", isRequest: true, correlationId: "evt_prices" });
    expect(answers["evt_prices"]).toEqual({ status: 200, correlationId: "evt_prices", body });
    expect(tree("evt_prices")).toBe(`
GET /api/prices [server] (parent elsewhere)
├─ resolve page components
│  └─ load route module
├─ prepare route module
├─ executing api route (app) /api/prices
│  └─ GET /api/prices
│     └─ GET [client]
│        └─ GET /api/items/[id] [server]
│           ├─ resolve page components
│           │  └─ load route module
│           ├─ prepare route module
│           ├─ executing api route (app) /api/items/[id]
│           │  └─ GET /api/items/[id]
│           │     └─ read
│           └─ start response
└─ start response
`);
  });

  it("is sampled by path, and its start by name", () => {
    expect(tree("evt_daily")).toBe("\n\n");
    const roots = spans.filter(({ parentSpanId }) => parentSpanId === undefined).map(({ name }) => name);
    expect(roots).toContain("register instrumentation");
    expect(roots).not.toContain("load route module");
  });

  it("still prerenders a handler that does not look at its request", () => {
    expect(built).toMatch(/○ \/api\/daily /);
    expect(answers["evt_daily"]).toEqual({ status: 200, correlationId: null, body: "every day" });
  });

  it("runs a handler on the edge, where nothing is registered, as it is", () => {
    expect(answers["evt_edge"]).toEqual({ status: 200, correlationId: null, body: "from the edge" });
    expect(tree("evt_edge")).not.toContain("work");
  });

  it("sends its last spans before it ends, and no query strings with the redaction of the documentation", () => {
    expect(ended).toEqual([null, "SIGTERM"]);
    const text = JSON.stringify(spans);
    expect(text).toContain('"http.target":"/api/items/7"');
    expect(text).not.toContain("secret");
  });
});
