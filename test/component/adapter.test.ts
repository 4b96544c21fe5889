/** Traced functions and the component: every call through the outbox, and every way in which the component may be missing. */
import { convexTest } from "convex-test";
import {
  componentsGeneric,
  defineSchema,
  defineTable,
  type HttpRouter,
  httpRouter,
  makeFunctionReference,
} from "convex/server";
import { v } from "convex/values";
import { describe, expect, it, vi } from "vitest";
import { instrumentConvex, type InstrumentConvexOptions } from "../../src/adapters/convex/server/index.js";
import { otlp } from "../../src/otlp/index.js";
import { register } from "../../src/test.js";
import { stock } from "../adapters/convex/apps/schema.js";
import { hang } from "./heldRequests.js";
import { components, inComponent, jobs, outboxOf, pass, receiverOf } from "./outboxApp.js";

const add = makeFunctionReference<"mutation">("app:add");
const twice = makeFunctionReference<"mutation">("app:twice");
const work = makeFunctionReference<"action">("app:work");
const inner = makeFunctionReference<"mutation">("app:inner");
const outer = makeFunctionReference<"mutation">("app:outer");
const fail = makeFunctionReference<"mutation">("app:fail");
const tight = makeFunctionReference<"mutation">("app:tight");

const MAX_JOBS = 1_000;

function functionsOf(otel: ReturnType<typeof instrumentConvex>, http: HttpRouter) {
  http.route({ path: "/hook", method: "POST", handler: otel.httpAction(async () => new Response("taken")) });
  const chunks = ["one ", "two"].map((text) => new TextEncoder().encode(text));
  const pull = (controller: ReadableStreamDefaultController<Uint8Array>) => {
    const chunk = chunks.shift();
    if (chunk === undefined) controller.close();
    else controller.enqueue(chunk);
  };
  const stream = otel.httpAction(async () => new Response(new ReadableStream({ pull }, { highWaterMark: 0 })));
  http.route({ path: "/stream", method: "GET", handler: stream });
  return {
    add: otel.mutation({ args: { n: v.number() }, handler: (ctx, { n }) => ctx.db.insert("things", { n }) }),
    twice: otel.mutation({
      args: {},
      handler: async (ctx) => {
        await ctx.runMutation(add, { n: 1 });
        await ctx.runMutation(add, { n: 2 });
      },
    }),
    inner: otel.internalMutation({ args: {}, handler: async (ctx) => void (await ctx.db.insert("things", { n: 5 })) }),
    outer: otel.mutation({ args: {}, handler: async (ctx) => void (await ctx.runMutation(inner, {})) }),
    work: otel.action({ args: {}, handler: async (ctx) => void (await ctx.runMutation(add, { n: 3 })) }),
    fail: otel.mutation({
      args: {},
      handler: async (ctx) => {
        await ctx.db.insert("things", { n: 4 });
        throw new Error("no");
      },
    }),
    tight: otel.mutation({
      args: {},
      handler: async (ctx) => {
        for (let i = 0; i < MAX_JOBS; i++) await ctx.scheduler.runAfter(60_000, work, {});
      },
    }),
  };
}

async function start(
  given: InstrumentConvexOptions | ((url: string) => InstrumentConvexOptions) = {},
  { installed = true, limits = false } = {},
) {
  const receiver = await receiverOf();
  const options = typeof given === "function" ? given(receiver.url) : given;
  const reports: string[] = [];
  const otel = instrumentConvex(stock as never, {
    service: { name: "app" },
    exporter: otlp(),
    outbox: components.otel,
    diagnostics: ({ code }) => reports.push(code),
    ...options,
  });
  const http = otel.traceHttpRouter(httpRouter());
  const app = functionsOf(otel, http);
  const t = convexTest({
    schema: defineSchema({ things: defineTable({ n: v.number() }) }),
    modules: {
      "./convex/_generated/api.js": async () => ({}),
      "./convex/otel.ts": async () => ({ deliver: otel.deliver }),
      "./convex/app.ts": async () => app,
      "./convex/http.ts": async () => ({ default: http }),
    },
    transactionLimits: limits,
  });
  if (installed) register(t);
  return {
    t,
    receiver,
    reports,
    names: () => receiver.spans.map(({ name }) => name).sort(),
    things: () => t.run((ctx) => ctx.db.query("things").collect()),
    deliveries: async () => {
      const jobs = await t.run((ctx) => ctx.db.system.query("_scheduled_functions").collect());
      return jobs.filter(({ name }) => name === "otel:deliver").length;
    },
  };
}

describe("with the component", () => {
  it("sends what mutations, actions and HTTP actions recorded in one request, and schedules no deliver", async () => {
    const { t, receiver, names, deliveries } = await start();
    await t.mutation(twice, {});
    await t.action(work, {});
    await (await t.fetch("/hook", { method: "POST" })).text();
    expect(receiver.requests).toEqual([]);
    expect((await outboxOf(t)).texts).toHaveLength(6);
    await pass(t, 6_000);
    const db = ["insert things", "insert things", "insert things"];
    const calls = ["app:add", "app:add", "app:add", "app:add", "app:add", "app:add", "app:twice", "app:work"];
    expect(names()).toEqual(["POST /hook", ...calls, ...db]);
    expect(receiver.requests).toHaveLength(1);
    expect(await deliveries()).toBe(0);
    expect(receiver.duplicates).toBe(0);
  });

  describe("of a nested mutation and its caller", () => {
    it("the nested one wakes, if its caller is not sampled, and not kept as it is itself", async () => {
      const { t, names } = await start({
        sampling: 1e-9,
        keepUnsampled: (spans) => spans.some(({ name }) => name === "insert things"),
      });
      await t.mutation(outer, {});
      expect((await outboxOf(t)).texts).toHaveLength(1);
      await pass(t, 6_000);
      expect(names()).toEqual(["insert things"]);
    });

    it("the caller does otherwise", async () => {
      const { t, names } = await start();
      await t.mutation(outer, {});
      expect((await jobs(t)).map(({ name }) => name)).toEqual(["wake:wake"]);
      await pass(t, 6_000);
      expect(names()).toEqual(["app:inner", "app:outer", "insert things"]);
    });
  });

  it("keeps nothing of a mutation that throws", async () => {
    vi.spyOn(console, "log").mockImplementation(() => undefined);
    const { t, things } = await start();
    await expect(t.mutation(fail, {})).rejects.toThrow("no");
    expect([(await outboxOf(t)).texts, await things()]).toEqual([[], []]);
  });

  it("does nothing while no exporter is configured", async () => {
    const { t, receiver } = await start({ exporter: undefined as never });
    await t.mutation(add, { n: 1 });
    await t.action(work, {});
    const { texts, runner } = await outboxOf(t);
    expect([texts, runner, receiver.requests]).toEqual([[], undefined, []]);
    expect(await inComponent(t, (ctx) => ctx.db.system.query("_scheduled_functions").collect())).toEqual([]);
  });
});

describe("without it, everything leaves as it would anyway", () => {
  it.each([
    ["is not registered", { outbox: componentsGeneric()["otel"] as never }, false],
    ["has another name", { outbox: componentsGeneric()["other"] as never }, true],
    ["is a mock", { outbox: { enqueue: { enqueue: () => undefined } } as never }, true],
    ["is an empty mock", { outbox: {} as never }, true],
    ["is nonsense", { outbox: "otel" as never }, true],
  ])("if it %s", async (_what, options, installed) => {
    const { t, names, things, deliveries } = await start(options, { installed });
    await t.mutation(add, { n: 1 });
    await t.action(work, {});
    for (let i = 0; i < 3; i++) {
      await vi.advanceTimersByTimeAsync(10);
      await t.finishInProgressScheduledFunctions();
    }
    expect(await things()).toHaveLength(2);
    const calls = ["app:add", "app:add", "app:add", "app:work"];
    expect(names()).toEqual([...calls, "insert things", "insert things"]);
    expect(await deliveries()).toBe(2);
  });

  it("if it has no endpoint of its own", async () => {
    // convex-test gives app and component the same variables: here the exporter has its endpoint in code.
    const { t, names, things } = await start((endpoint) => {
      vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", undefined);
      return { exporter: otlp({ endpoint }) };
    });
    await t.mutation(add, { n: 1 });
    await vi.advanceTimersByTimeAsync(10);
    await t.finishInProgressScheduledFunctions();
    expect([await things(), names()]).toMatchObject([[{ n: 1 }], ["app:add", "insert things"]]);
    expect((await outboxOf(t)).texts).toEqual([]);
  });
});

it.each([
  ["with the component", {}],
  ["without it", { outbox: undefined as never }],
])("a stream ends before an endpoint that never answers is contacted, %s", async (_what, options) => {
  const { t, receiver, names } = await start(options);
  receiver.respond(hang);
  expect(await (await t.fetch("/stream")).text()).toBe("one two");
  expect(receiver.requests).toEqual([]);
  await pass(t, 10_000, "runs for held requests");
  expect([receiver.requests.length, names()]).toEqual([1, []]);
  receiver.respond([]);
  await pass(t, 60_000, "runs for held requests");
  expect(names()).toEqual(["GET /stream"]);
});

it("says now and then that the component took nothing", async () => {
  let draws = 0;
  vi.spyOn(Math, "random").mockImplementation(() => (draws += 0.618033988749895) % 1);
  const { t, reports } = await start({}, { installed: false });
  for (let n = 0; n < 60; n++) await t.mutation(add, { n });
  expect(new Set(reports)).toEqual(new Set(["outbox.failed"]));
  expect(reports.length).toBeLessThan(30);
});

it("gives way near the limits of a transaction", async () => {
  const { t, reports } = await start({}, { limits: true });
  await t.mutation(tight, {});
  expect((await outboxOf(t)).texts).toEqual([]);
  expect(reports).toContain("delivery.no_room");
});
