/** Who is given a carrier, what they make of it, and the way back to code that knows none. */
import { describe, expect, it, vi } from "vitest";
import { spanTree } from "../../../src/testing/index.js";
import { fns, ownAction, run } from "./apps/functions.js";
import * as mainApps from "./apps/main.js";
import * as apps from "./apps/propagation.js";
import * as zodApps from "./apps/zod.js";
import { starter } from "./harness/start.js";

const start = starter("propagation", apps);
const startMain = starter("main", mainApps);

describe("the scheduler", () => {
  it("runAt, with a date or a number, and without arguments", async () => {
    const { t, exporter, told, settle } = await start("runsAt");
    await t.mutation(run, {});
    await settle();
    expect(told("seen")).toEqual([{}, { n: 1 }, {}]);
    expect(spanTree(exporter.spans)).toMatchInlineSnapshot(`
      "own:run [server]
      ├─ schedule own:target [producer]
      │  └─ process own:target [consumer]
      ├─ schedule own:target [producer]
      │  └─ process own:target [consumer]
      └─ schedule own:target [producer]
         └─ process own:target [consumer]"
    `);
  });

  it("cancel is a span with the job's id, and cancels", async () => {
    const { t, exporter, told, settle } = await start("cancels");
    await t.mutation(run, {});
    await settle();
    expect(told("seen")).toEqual([]);
    const [schedule, cancel] = ["schedule own:target", "cancel"].map((name) =>
      exporter.spans.find((span) => span.name === name),
    );
    expect(cancel?.kind).toBe("client");
    expect(cancel?.attributes["messaging.message.id"]).toBe(schedule?.attributes["messaging.message.id"]);
  });

  it("reports what scheduling throws as the program's own error", async () => {
    const { t, exporter, settle } = await start("schedulesWrongly");
    expect(await t.action(ownAction("act"), {})).toMatch(/delayMs.*must be non-negative/);
    await settle();
    expect(exporter.spans.find(({ kind }) => kind === "producer")?.status.code).toBe(2);
  });
});

describe("a carrier is not given to", () => {
  it("a listed function, called or scheduled", async () => {
    const { t, told, settle, jobs } = await start("callsPlain");
    await t.mutation(run, {});
    await settle();
    expect(told("seen")).toEqual([{ n: 1 }, { n: 2 }]);
    expect((await jobs()).find(({ name }) => name === "own:plain")?.args).toEqual([{ n: 2 }]);
  });

  it("a function handle", async () => {
    const { t, told, settle, jobs } = await start("schedulesHandle");
    await t.mutation(run, {});
    await settle();
    expect(told("seen")).toEqual([{ n: 3 }]);
    expect(JSON.stringify((await jobs()).map(({ args }) => args))).not.toContain("_otel");
  });

  it("anything through untraced(ctx), or while tracing is suppressed", async () => {
    const { t, exporter, told, settle, jobs } = await start("schedulesUntraced");
    await t.mutation(run, {});
    await settle();
    expect(told("seen")).toHaveLength(2);
    const args = (await jobs()).filter(({ name }) => name === "own:target").map((job) => job.args);
    expect(args).toEqual([[{ n: 1 }], [{ n: 2 }]]);
    expect(exporter.spans.filter(({ kind }) => kind === "producer")).toEqual([]);
  });

  it("arguments that are no object: Convex says so itself", async () => {
    const { t, settle } = await start("passesNoObject");
    await expect(t.mutation(run, {})).rejects.toThrow();
    await settle();
  });
});

describe("calls", () => {
  it("forward options that this version need not know", async () => {
    const { t, told, settle } = await start("forwardsOptions");
    await t.mutation(run, {});
    await settle();
    expect(told("limited")).toEqual([expect.stringMatching(/limit/i)]);
    expect(told("seen")).toEqual([{ n: 1 }]);
  });

  it("give user code the same carrier and headers that they carry themselves", async () => {
    const { t, exporter, settle, told } = await start("tellsContext");
    await t.mutation(run, {});
    await settle();
    const [span] = exporter.spans;
    const traceparent = `00-${span?.traceId ?? ""}-${span?.spanId ?? ""}-03`;
    expect(told("carried")).toMatchObject([{ traceparent }, { traceparent }]);
  });
});

describe("custom functions on top of ours", () => {
  it("with zod, which picks the keys it declares", async () => {
    const { t, exporter, told, settle } = await starter("zod", zodApps)("withZod");
    await t.mutation(run, {});
    await settle();
    expect(told("seen")).toEqual([[1, { email: "a@example.com" }]]);
    expect(spanTree(exporter.spans)).toMatchInlineSnapshot(`
      "own:run [server]
      └─ schedule own:zod [producer]
         └─ process own:zod [consumer]"
    `);
  });
});

describe("rolling back to code that is not instrumented, while jobs are pending", () => {
  /** Schedules with instrumented code, then runs the job with plain code in its place. */
  async function rollBack() {
    const { t, deploy, told, jobs, runOut } = await startMain("main");
    vi.useFakeTimers();
    await t.mutation(fns.chain, { left: 1 });
    await deploy("uninstalled");
    await runOut();
    const job = (await jobs()).find(({ name }) => name === "fns:chain");
    return { seen: told("seen"), state: job?.state.kind };
  }

  it("with CONVEX_OTEL_PROPAGATE=off jobs run: they carry nothing", async () => {
    vi.stubEnv("CONVEX_OTEL_PROPAGATE", "off");
    expect(await rollBack()).toEqual({ seen: [{ left: 0 }], state: "success" });
  });

  it("without it they fail: that is why the switch exists", async () => {
    expect(await rollBack()).toEqual({ seen: [], state: "failed" });
  });

  it("code that accepts and strips runs jobs of code that gives carriers", async () => {
    const { t, settle, jobs } = await startMain("main");
    await t.mutation(fns.chain, { left: 2 });
    vi.stubEnv("CONVEX_OTEL_PROPAGATE", "off");
    await settle();
    const chain = (await jobs()).filter(({ name }) => name === "fns:chain");
    expect(chain.map(({ state }) => state.kind)).toEqual(["success", "success"]);
  });
});
