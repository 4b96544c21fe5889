/** Who is given a carrier, what they make of it, and the way back to code that knows none. */
import { convexTest } from "convex-test";
import { createFunctionHandle, makeFunctionReference } from "convex/server";
import { v } from "convex/values";
import { zCustomMutation } from "convex-helpers/server/zod4";
import { afterEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { untraced } from "../../../src/adapters/convex/server/index.js";
import { injectCarrier, injectHeaders, suppressTracing } from "../../../src/index.js";
import { memoryExporter, spanTree } from "../../../src/testing/index.js";
import { fns, makeApp, makeModules, schema, stock } from "./app.js";
import { ownApp } from "./ownApp.js";

afterEach(() => vi.unstubAllEnvs());

const target = makeFunctionReference<"mutation">("own:target");
const plain = makeFunctionReference<"mutation">("own:plain");
const run = makeFunctionReference<"mutation">("own:run");

describe("the scheduler", () => {
  it("runAt, with a date or a number, and without arguments", async () => {
    const { t, exporter, seen, settle } = ownApp(({ mutation }) => ({
      run: mutation(async (ctx) => {
        await ctx.scheduler.runAt(new Date(), target);
        await ctx.scheduler.runAt(Date.now(), target, { n: 1 });
        await ctx.scheduler.runAfter(0, target);
      }),
    }));
    await t.mutation(run, {});
    await settle();
    expect(seen).toEqual([{}, { n: 1 }, {}]);
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
    const { t, exporter, seen, settle } = ownApp(({ mutation }) => ({
      run: mutation(async (ctx) => {
        const id = await ctx.scheduler.runAfter(5, target, { n: 1 });
        await ctx.scheduler.cancel(id);
      }),
    }));
    await t.mutation(run, {});
    await settle();
    expect(seen).toEqual([]);
    const [schedule, cancel] = ["schedule own:target", "cancel"].map((name) =>
      exporter.spans.find((span) => span.name === name),
    );
    expect(cancel?.kind).toBe("client");
    expect(cancel?.attributes["messaging.message.id"]).toBe(schedule?.attributes["messaging.message.id"]);
  });

  it("reports what scheduling throws as the program's own error", async () => {
    const { t, exporter, settle } = ownApp(({ action }) => ({
      act: action(async (ctx) => {
        const thrown = await ctx.scheduler.runAfter(-1, target).catch((error: unknown) => error);
        return String(thrown);
      }),
    }));
    expect(await t.action(makeFunctionReference<"action">("own:act"), {})).toMatch(/delayMs.*must be non-negative/);
    await settle();
    expect(exporter.spans.find(({ kind }) => kind === "producer")?.status.code).toBe(2);
  });
});

describe("a carrier is not given to", () => {
  it("a listed function, called or scheduled", async () => {
    const { t, seen, settle, jobs } = ownApp(({ mutation }) => ({
      run: mutation(async (ctx) => {
        await ctx.runMutation(plain, { n: 1 });
        await ctx.scheduler.runAfter(0, plain, { n: 2 });
      }),
    }));
    await t.mutation(run, {});
    await settle();
    expect(seen).toEqual([{ n: 1 }, { n: 2 }]);
    expect((await jobs()).find(({ name }) => name === "own:plain")?.args).toEqual([{ n: 2 }]);
  });

  it("a function handle", async () => {
    const { t, seen, settle, jobs } = ownApp(({ mutation }) => ({
      run: mutation(async (ctx) => {
        const handle = await createFunctionHandle(plain);
        await ctx.scheduler.runAfter(0, handle, { n: 3 });
      }),
    }));
    await t.mutation(run, {});
    await settle();
    expect(seen).toEqual([{ n: 3 }]);
    expect(JSON.stringify((await jobs()).map(({ args }) => args))).not.toContain("_otel");
  });

  it("anything through untraced(ctx), or while tracing is suppressed", async () => {
    const { t, exporter, seen, settle, jobs } = ownApp(({ mutation }) => ({
      run: mutation(async (ctx) => {
        await untraced(ctx).scheduler.runAfter(0, target, { n: 1 });
        await suppressTracing(() => ctx.scheduler.runAfter(0, target, { n: 2 }));
      }),
    }));
    await t.mutation(run, {});
    await settle();
    expect(seen).toHaveLength(2);
    const args = (await jobs()).filter(({ name }) => name === "own:target").map((job) => job.args);
    expect(args).toEqual([[{ n: 1 }], [{ n: 2 }]]);
    expect(exporter.spans.filter(({ kind }) => kind === "producer")).toEqual([]);
  });

  it("arguments that are no object: Convex says so itself", async () => {
    const { t, settle } = ownApp(({ mutation }) => ({
      run: mutation(async (ctx) => {
        await ctx.runMutation(target, [1] as never);
      }),
    }));
    await expect(t.mutation(run, {})).rejects.toThrow();
    await settle();
  });
});

describe("calls", () => {
  it("forward options that this version need not know", async () => {
    const { t, seen, settle } = ownApp(({ mutation }) => ({
      run: mutation(async (ctx) => {
        await ctx.db.insert("tasks" as never, { status: "a", rank: 1 });
        const limits = { transactionLimits: { documentsWritten: 0 } };
        await expect(ctx.runMutation(makeFunctionReference<"mutation">("own:write"), {}, limits)).rejects.toThrow(
          /limit/i,
        );
        await ctx.runMutation(target, { n: 1 }, { transactionLimits: {} });
      }),
      write: mutation(async (ctx) => void (await ctx.db.insert("tasks" as never, { status: "b", rank: 1 }))),
    }));
    vi.spyOn(console, "log").mockImplementation(() => {});
    await t.mutation(run, {});
    await settle();
    vi.restoreAllMocks();
    expect(seen).toEqual([{ n: 1 }]);
  });

  it("give user code the same carrier and headers that they carry themselves", async () => {
    const carried: unknown[] = [];
    const { t, exporter, settle } = ownApp(({ mutation }) => ({
      run: mutation(async () => {
        carried.push(injectCarrier(), injectHeaders({}));
      }),
    }));
    await t.mutation(run, {});
    await settle();
    const [span] = exporter.spans;
    const traceparent = `00-${span?.traceId ?? ""}-${span?.spanId ?? ""}-03`;
    expect(carried).toMatchObject([{ traceparent }, { traceparent }]);
  });
});

describe("custom functions on top of ours", () => {
  it("with zod, which picks the keys it declares", async () => {
    const { t, exporter, seen, settle } = ownApp((otel) => {
      const zMutation = zCustomMutation(otel.internalMutation, {
        args: {},
        input: async () => ({ ctx: { extra: 1 }, args: {} }),
      });
      return {
        zod: zMutation({ args: { email: z.email() }, handler: async (ctx, args) => void seen.push([ctx.extra, args]) }),
        run: otel.mutation(async (ctx) => {
          await ctx.scheduler.runAfter(0, makeFunctionReference<"mutation">("own:zod"), { email: "a@example.com" });
        }),
      };
    });
    await t.mutation(run, {});
    await settle();
    expect(seen).toEqual([[1, { email: "a@example.com" }]]);
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
    const modules = { current: makeModules({ exporter: memoryExporter() }) };
    const seen: unknown[] = [];
    const plainChain = stock.internalMutation({
      args: { left: v.number() },
      handler: async (_ctx, args) => void seen.push(args),
    });
    let isRolledBack = false;
    const t = convexTest(schema, {
      "./convex/_generated/api.js": async () => ({}),
      "./convex/otel.ts": async () => modules.current.otel,
      "./convex/fns.ts": async () => (isRolledBack ? { chain: plainChain } : modules.current.functions),
    });
    vi.spyOn(console, "error").mockImplementation(() => {});
    await t.mutation(fns.chain, { left: 1 });
    isRolledBack = true;
    for (let i = 0; i < 3; i++) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      await t.finishInProgressScheduledFunctions();
    }
    vi.restoreAllMocks();
    const jobs = await t.run((ctx) => ctx.db.system.query("_scheduled_functions").collect());
    return { seen, state: jobs.find(({ name }) => name === "fns:chain")?.state.kind };
  }

  it("with CONVEX_OTEL_PROPAGATE=off jobs run: they carry nothing", async () => {
    vi.stubEnv("CONVEX_OTEL_PROPAGATE", "off");
    expect(await rollBack()).toEqual({ seen: [{ left: 0 }], state: "success" });
  });

  it("without it they fail: that is why the switch exists", async () => {
    expect(await rollBack()).toEqual({ seen: [], state: "failed" });
  });

  it("code that accepts and strips runs jobs of code that gives carriers", async () => {
    const { t, settle } = makeApp();
    await t.mutation(fns.chain, { left: 2 });
    vi.stubEnv("CONVEX_OTEL_PROPAGATE", "off");
    await settle();
    const jobs = await t.run((ctx) => ctx.db.system.query("_scheduled_functions").collect());
    expect(jobs.filter(({ name }) => name === "fns:chain").map(({ state }) => state.kind)).toEqual([
      "success",
      "success",
    ]);
  });
});
