/** The spans of Convex calls, as the exporter gets them: whole trees, run by convex-test. */
import { makeFunctionReference } from "convex/server";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { spanTree } from "../../../src/testing/index.js";
import { fns, makeApp } from "./app.js";

// Rolled-back mutations print their spans, and convex-test the failures of jobs.
beforeEach(() => {
  for (const method of ["log", "error", "warn"] as const) vi.spyOn(console, method).mockImplementation(() => {});
});

afterEach(() => vi.restoreAllMocks());

describe("mutations", () => {
  it("are one SERVER span with their database operations", async () => {
    const { t, exporter, settle } = makeApp();
    await t.mutation(fns.add, { status: "open" });
    await settle();
    expect(spanTree(exporter.spans, { attributes: ["task.status", "rpc.method", "convex.function.visibility"] }))
      .toMatchInlineSnapshot(`
        "fns:add [server] {task.status=open rpc.method=fns:add convex.function.visibility=public}
        └─ insert tasks [client]"
      `);
  });

  it("share one span with the caller when nested, and add their own children to it", async () => {
    const { t, exporter, settle } = makeApp();
    await t.mutation(fns.outer, { scheduled: true });
    await settle();
    expect(spanTree(exporter.spans)).toMatchInlineSnapshot(`
      "fns:outer [server]
      ├─ fns:inner
      │  └─ insert tasks [client]
      ├─ fns:nothing
      ├─ fns:list
      └─ schedule fns:work [producer]
         └─ process fns:work [consumer]
            ├─ think
            ├─ fns:inner [client]
            │  └─ fns:inner [server]
            │     └─ insert tasks [client]
            └─ fns:list [client]"
    `);
  });

  it("schedule one delivery each, and none if nested without spans of their own", async () => {
    const { t, settle } = makeApp();
    await t.mutation(fns.outer, {});
    await settle();
    const jobs = await t.run((ctx) => ctx.db.system.query("_scheduled_functions").collect());
    expect(jobs.map(({ name }) => name)).toEqual(["otel:deliver", "otel:deliver"]);
  });

  it("print their spans as one line when they throw, and throw the same error", async () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    const { t, exporter, settle } = makeApp();
    await expect(t.mutation(fns.fail, { kind: "type" })).rejects.toThrow("bad type");
    await settle();
    expect(exporter.spans).toEqual([]);
    expect(log).toHaveBeenCalledTimes(1);
    const line = (log.mock.calls[0]?.[0] as { inspect(): string }).inspect();
    expect(line).toMatch(/^convex-otel\/1 \{"resource":/);
    expect(line).toContain('"name":"fns:fail"');
    expect(line).toContain("TypeError");
    expect(new TextEncoder().encode(line).length).toBeLessThanOrEqual(4096);
    log.mockRestore();
  });

  it("record what a ConvexError means, never its data", async () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    const { t } = makeApp();
    await expect(t.mutation(fns.fail, { kind: "convex" })).rejects.toMatchObject({ data: { secret: "s3cr3t" } });
    const line = (log.mock.calls[0]?.[0] as { inspect(): string }).inspect();
    expect(line).toContain("convex_error");
    expect(line).toContain("no_money");
    expect(line).toContain("Not enough");
    expect(line).not.toContain("s3cr3t");
    log.mockRestore();
  });

  it("survive values that are no errors", async () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    const { t } = makeApp();
    await expect(t.mutation(fns.fail, { kind: "text" })).rejects.toBe("just text");
    expect((log.mock.calls[0]?.[0] as { inspect(): string }).inspect()).toContain("just text");
    log.mockRestore();
  });
});

describe("database operations", () => {
  it("are counted in one span past the twentieth, and mark scans", async () => {
    const { t, exporter, settle } = makeApp();
    await t.mutation(fns.many, { count: 23 });
    await settle();
    const db = exporter.spans.filter(({ kind }) => kind === "client");
    expect(db.filter(({ name }) => name === "insert tasks")).toHaveLength(21);
    const tree = spanTree(
      exporter.spans.filter(
        ({ attributes, name }) => name !== "insert tasks" || "convex.db.aggregated.count" in attributes,
      ),
      {
        attributes: [
          "convex.db.aggregated.count",
          "convex.db.query.fingerprint",
          "convex.db.query.scan",
          "convex.db.index.name",
          "db.response.returned_rows",
        ],
      },
    );
    expect(tree).toMatchInlineSnapshot(`
      "fns:many [server]
      ├─ insert tasks [client] {convex.db.aggregated.count=3}
      ├─ query tasks [client] {convex.db.query.fingerprint=tasks.filter convex.db.query.scan=full_table db.response.returned_rows=1}
      └─ query tasks [client] {convex.db.query.fingerprint="tasks.withIndex(by_status_rank: status=?, rank>?).order(desc)" convex.db.index.name=by_status_rank db.response.returned_rows=3}"
    `);
  });
});

describe("actions", () => {
  it("keep a caught error at the call that failed", async () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    const { t, exporter } = makeApp();
    expect(await t.action(fns.catches, {})).toBe("caught bad inner");
    log.mockRestore();
    expect(spanTree(exporter.spans)).toMatchInlineSnapshot(`
      "fns:catches [server]
      └─ fns:fail [client]
           ! error: TypeError"
    `);
  });

  it("send once within the call when they can", async () => {
    const { t, exporter } = makeApp();
    await t.action(fns.work, { step: "x" });
    expect(exporter.batches).toHaveLength(1);
    expect(exporter.spans.map(({ name }) => name)).toContain("think");
  });

  it("run two interleaved calls without mixing their spans", async () => {
    const { t, exporter, settle } = makeApp();
    await Promise.all([t.action(fns.work, { step: "a" }), t.action(fns.work, { step: "b" })]);
    await settle();
    const tree = spanTree(exporter.spans, { attributes: ["step"] });
    const [first = "", second = ""] = tree.split("\n\n");
    expect(new Set([/step=(.)/.exec(first)?.[1], /step=(.)/.exec(second)?.[1]])).toEqual(new Set(["a", "b"]));
    expect(first.replace(/step=./, "")).toBe(second.replace(/step=./, ""));
  });
});

describe("scheduled runs", () => {
  it("carry the correlation id and tell their lag", async () => {
    const { t, exporter, settle } = makeApp();
    await t.mutation(fns.named, {});
    await settle();
    for (const span of exporter.spans) expect(span.attributes["correlation.id"]).toBe("evt_123");
    const run = exporter.spans.find(({ kind }) => kind === "consumer");
    const job = exporter.spans.find(({ kind }) => kind === "producer");
    expect(run?.attributes["convex.scheduler.lag"]).toBeGreaterThanOrEqual(0);
    expect(run?.attributes["messaging.message.id"]).toBe(job?.attributes["messaging.message.id"]);
    expect(run?.attributes["messaging.message.conversation_id"]).toBe("evt_123");
    expect(run?.parentIsRemote).toBe(true);
  });

  it("become a new trace with a link past the bound", async () => {
    const { t, exporter, settle } = makeApp({ traceBound: { maxHops: 1 } });
    await t.mutation(fns.chain, { left: 2 });
    await settle();
    expect(spanTree(exporter.spans)).toMatchInlineSnapshot(`
      "fns:chain [server]
      └─ schedule fns:chain [producer]
         └─ process fns:chain [consumer]
            └─ schedule fns:chain [producer]

      process fns:chain [consumer]
        ~ link to schedule fns:chain"
    `);
    expect(new Set(exporter.spans.map(({ traceId }) => traceId)).size).toBe(2);
  });

  it("without a carrier take the trace that both sides derive from the job", async () => {
    vi.stubEnv("CONVEX_OTEL_PROPAGATE", "off");
    const { t, exporter, settle } = makeApp();
    await t.mutation(fns.chain, { left: 1 });
    await settle();
    vi.unstubAllEnvs();
    const job = exporter.spans.find(({ kind }) => kind === "producer");
    const run = exporter.spans.find(({ kind }) => kind === "consumer");
    expect(job?.links.map(({ context }) => context.traceId)).toEqual([run?.traceId]);
    expect(run?.parentSpanId).toBeUndefined();
    expect(run?.traceId).not.toBe(job?.traceId);
    const jobs = await t.run((ctx) => ctx.db.system.query("_scheduled_functions").collect());
    expect(jobs.find(({ name }) => name === "fns:chain")?.args).toEqual([{ left: 0 }]);
  });
});

describe("a carrier", () => {
  it("is invisible to handlers", async () => {
    const { t } = makeApp();
    const carrier = { traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" };
    expect(await t.mutation(fns.echoArgs, { own: 1, _otel: carrier })).toEqual(["own"]);
    for (const broken of [null, 1, "x", {}, { traceparent: 1 }, { traceparent: "00-0-0-0" }, [], "y".repeat(20_000)]) {
      expect(await t.mutation(fns.echoArgs, { own: 1, _otel: broken })).toEqual(["own"]);
    }
  });

  it("is never given to functions that are listed, or that the app does not own", async () => {
    const { t, exporter, settle } = makeApp({ uninstrumented: ["fns:work", "fns:inner"] });
    await t.mutation(fns.outer, { scheduled: true });
    await settle();
    const jobs = await t.run((ctx) => ctx.db.system.query("_scheduled_functions").collect());
    expect(jobs.find(({ name }) => name === "fns:work")?.args).toEqual([{ step: "one" }]);
    expect(spanTree(exporter.spans, { allowRemoteParents: [] })).toContain("schedule fns:work [producer]");
  });

  it("is accepted by validators, whatever their form", async () => {
    const { t } = makeApp();
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    expect(await t.mutation(makeFunctionReference<"mutation">("fns:nothing"), { _otel: { traceparent } })).toBeNull();
    await expect(t.mutation(fns.nothing, { other: 1 })).rejects.toThrow(/other/);
  });
});
