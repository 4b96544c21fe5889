/** The spans of Convex calls, as the exporter gets them: whole trees. */
import { describe, expect, it, vi } from "vitest";
import { spanTree } from "../../../src/testing/index.js";
import { fns } from "./apps/functions.js";
import * as apps from "./apps/main.js";
import { starter } from "./harness/start.js";

const start = starter("main", apps);

describe("mutations", () => {
  it("are one SERVER span with their database operations", async () => {
    const { t, exporter, settle } = await start("main");
    await t.mutation(fns.add, { status: "open" });
    await settle();
    expect(spanTree(exporter.spans, { attributes: ["task.status", "rpc.method", "convex.function.visibility"] }))
      .toMatchInlineSnapshot(`
        "fns:add [server] {task.status=open rpc.method=fns:add convex.function.visibility=public}
        └─ insert tasks [client]"
      `);
  });

  it("share one span with the caller when nested, and add their own children to it", async () => {
    const { t, exporter, settle } = await start("main");
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
    const { t, settle, jobs } = await start("main");
    await t.mutation(fns.outer, {});
    await settle();
    expect((await jobs()).map(({ name }) => name)).toEqual(["otel:deliver", "otel:deliver"]);
  });

  it("print their spans as one line when they throw, and throw the same error", async () => {
    const { t, exporter, settle, printed } = await start("main");
    await expect(t.mutation(fns.fail, { kind: "type" })).rejects.toThrow("bad type");
    await settle();
    expect(exporter.spans).toEqual([]);
    const [line = "", ...more] = printed();
    expect(more).toEqual([]);
    expect(line).toMatch(/^convex-otel\/1 \{"resource":/);
    expect(line).toContain('"name":"fns:fail"');
    expect(line).toContain("TypeError");
    expect(new TextEncoder().encode(line).length).toBeLessThanOrEqual(4096);
  });

  it("record what a ConvexError means, never its data", async () => {
    const { t, printed } = await start("main");
    await expect(t.mutation(fns.fail, { kind: "convex" })).rejects.toMatchObject({ data: { secret: "s3cr3t" } });
    const [line = ""] = printed();
    expect(line).toContain("convex_error");
    expect(line).toContain("no_money");
    expect(line).toContain("Not enough");
    expect(line).not.toContain("s3cr3t");
  });

  it("survive values that are no errors", async () => {
    const { t, printed } = await start("main");
    const thrown: unknown = await t.mutation(fns.fail, { kind: "text" }).catch((error: unknown) => error);
    // Convex makes an error of what is none, where it leaves the function.
    expect(thrown instanceof Error ? thrown.message : thrown).toBe("just text");
    expect(printed()[0]).toContain("just text");
  });
});

describe("database operations", () => {
  it("are counted in one span past the twentieth, and mark scans", async () => {
    const { t, exporter, settle } = await start("main");
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
    const { t, exporter } = await start("main");
    expect(await t.action(fns.catches, {})).toBe("caught bad plain");
    expect(spanTree(exporter.spans)).toMatchInlineSnapshot(`
      "fns:catches [server]
      └─ fns:fail [client]
           ! error: Error"
    `);
  });

  it("send once within the call when they can", async () => {
    const { t, exporter } = await start("main");
    await t.action(fns.work, { step: "x" });
    const own = exporter.batches.filter((spans) => spans.some(({ name }) => name === "think"));
    expect(own).toHaveLength(1);
    expect(exporter.spans.map(({ name }) => name)).toContain("think");
  });

  it("run two interleaved calls without mixing their spans", async () => {
    const { t, exporter, settle } = await start("main");
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
    const { t, exporter, settle } = await start("main");
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
    const { t, exporter, settle } = await start("main", { traceBound: { maxHops: 1 } });
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
    const { t, exporter, settle, jobs } = await start("main");
    await t.mutation(fns.chain, { left: 1 });
    await settle();
    const job = exporter.spans.find(({ kind }) => kind === "producer");
    const run = exporter.spans.find(({ kind }) => kind === "consumer");
    expect(job?.links.map(({ context }) => context.traceId)).toEqual([run?.traceId]);
    expect(run?.parentSpanId).toBeUndefined();
    expect(run?.traceId).not.toBe(job?.traceId);
    expect((await jobs()).find(({ name }) => name === "fns:chain")?.args).toEqual([{ left: 0 }]);
  });
});

describe("a carrier", () => {
  it("is invisible to handlers", async () => {
    const { t } = await start("main");
    const carrier = { traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" };
    expect(await t.mutation(fns.echoArgs, { own: 1, _otel: carrier })).toEqual(["own"]);
    for (const broken of [null, 1, "x", {}, { traceparent: 1 }, { traceparent: "00-0-0-0" }, [], "y".repeat(20_000)]) {
      expect(await t.mutation(fns.echoArgs, { own: 1, _otel: broken })).toEqual(["own"]);
    }
  });

  it("is never given to functions that are listed, or that the app does not own", async () => {
    const { t, exporter, settle, jobs } = await start("main", { uninstrumented: ["fns:work", "fns:inner"] });
    await t.mutation(fns.outer, { scheduled: true });
    await settle();
    expect((await jobs()).find(({ name }) => name === "fns:work")?.args).toEqual([{ step: "one" }]);
    expect(spanTree(exporter.spans, { allowRemoteParents: [] })).toContain("schedule fns:work [producer]");
  });

  it("is accepted by validators, whatever their form", async () => {
    const { t } = await start("main");
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    expect(await t.mutation(fns.nothing, { _otel: { traceparent } })).toBeNull();
    await expect(t.mutation(fns.nothing, { other: 1 })).rejects.toThrow(/other/);
  });
});
