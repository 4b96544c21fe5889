/** HTTP actions: the caller's trace, routes, correlation, and bodies that outlive the handler. */
import { describe, expect, it, vi } from "vitest";
import { spanTree } from "../../../src/testing/index.js";
import { onlyIn } from "../../runtimes/runtime.js";
import * as apps from "./apps/main.js";
import { starter } from "./harness/start.js";

const start = starter("main", apps);

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const traceparent = `00-${TRACE}-00f067aa0ba902b7-01`;

const READS_AHEAD = "Convex reads a body as soon as it comes, and does not stop when its reader does";

describe("an HTTP action", () => {
  it("continues the caller's trace and tells the correlation id", async () => {
    const { t, exporter, settle } = await start("main");
    const response = await t.fetch("/hook", {
      method: "POST",
      body: "open",
      headers: { traceparent, "x-correlation-id": "abc-1", authorization: "Bearer s3cr3t" },
    });
    expect([response.status, await response.text()]).toEqual([202, "ok"]);
    expect(Object.fromEntries(response.headers)).toMatchObject({ "x-correlation-id": "abc-1", "x-own": "1" });
    await settle();
    const attributes = ["http.request.method", "http.route", "http.response.status_code", "url.path", "correlation.id"];
    expect(spanTree(exporter.spans, { attributes, allowRemoteParents: ["00f067aa0ba902b7"] })).toMatchInlineSnapshot(`
      "POST /hook [server] (parent elsewhere) {http.request.method=POST http.route=/hook http.response.status_code=202 url.path=/hook correlation.id=abc-1}
      └─ fns:add [client] {correlation.id=abc-1}
         └─ fns:add [server] {correlation.id=abc-1}
            └─ insert tasks [client] {correlation.id=abc-1}"
    `);
    expect(new Set(exporter.spans.map(({ traceId }) => traceId))).toEqual(new Set([TRACE]));
    expect(JSON.stringify(exporter.spans)).not.toContain("s3cr3t");
  });

  it("starts a trace, and a correlation id, where none came", async () => {
    const { t, exporter, settle } = await start("main");
    const response = await t.fetch("/hook", { method: "POST", body: "open", headers: { traceparent: "garbage" } });
    await response.text();
    await settle();
    const root = exporter.spans.find(({ parentSpanId }) => parentSpanId === undefined);
    expect(root?.name).toBe("POST /hook");
    expect(root?.attributes["correlation.id"]).toBe(response.headers.get("x-correlation-id"));
    expect(response.headers.get("x-correlation-id")).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });

  it("does not let the caller decide about sampling", async () => {
    const { t, exporter, settle } = await start("main");
    const unsampled = traceparent.replace(/01$/, "00");
    await (await t.fetch("/hook", { method: "POST", body: "open", headers: { traceparent: unsampled } })).text();
    await settle();
    const root = exporter.spans.find(({ kind, parentSpanId }) => kind === "server" && parentSpanId === undefined);
    expect(root?.traceId).not.toBe(TRACE);
    expect(root?.links.map(({ context }) => context.traceId)).toEqual([TRACE]);
  });

  it.each([
    ["link", undefined, [TRACE]],
    ["ignore", undefined, []],
    ["continue", "00f067aa0ba902b7", []],
  ] as const)("treats the caller as asked: %s", async (publicContext, parent, links) => {
    const { t, exporter, settle } = await start("main", { publicContext });
    await (await t.fetch("/hook", { method: "POST", body: "open", headers: { traceparent } })).text();
    await settle();
    const entry = exporter.spans.find(({ name }) => name === "POST /hook");
    expect(entry?.parentSpanId).toBe(parent);
    expect(entry?.links.map(({ context }) => context.traceId)).toEqual(links);
  });

  it("lasts until a streamed body is closed, and records what is traced meanwhile", async () => {
    const { t, exporter, settle } = await start("main");
    const response = await t.fetch("/files/report", { method: "GET" });
    expect(await response.text()).toBe("abc");
    await settle();
    expect(spanTree(exporter.spans)).toMatchInlineSnapshot(`
      "GET /files/* [server]
      ├─ part a
      ├─ part b
      └─ part c"
    `);
  });

  onlyIn("convex-test", READS_AHEAD)("sends nothing before that", async () => {
    const { t, exporter, settle } = await start("main");
    const response = await t.fetch("/files/report", { method: "GET" });
    await settle();
    expect(exporter.batches).toEqual([]);
    await response.text();
    await settle();
    expect(exporter.batches).toHaveLength(1);
  });

  onlyIn("convex-test", READS_AHEAD)("ends when the reader gives up", async () => {
    const { t, exporter, settle } = await start("main");
    const response = await t.fetch("/files/report", { method: "GET" });
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.cancel("enough");
    await settle();
    expect(exporter.spans.map(({ name }) => name)).toEqual(["GET /files/*", "part a"]);
    expect(exporter.spans[0]?.events.map(({ name }) => name)).toEqual(["response.cancelled"]);
    expect(exporter.spans[0]?.status.code).toBe(0);
  });

  it("records what it throws, and throws it on", async () => {
    const { t, exporter, settle } = await start("main");
    await expect(t.fetch("/broken", { method: "GET" })).rejects.toThrow("broken");
    await settle();
    expect(spanTree(exporter.spans)).toMatchInlineSnapshot(`
      "GET /broken [server]
        ! error: Error"
    `);
  });

  it("gives no header and schedules nothing while there is no exporter", async () => {
    vi.stubEnv("OTEL_SDK_DISABLED", "true");
    const { t, exporter, settle, jobs } = await start("main");
    const response = await t.fetch("/hook", { method: "POST", body: "open", headers: { traceparent } });
    expect(response.headers.get("x-correlation-id")).toBeNull();
    await settle();
    expect(exporter.spans).toEqual([]);
    expect(await jobs()).toEqual([]);
  });
});
