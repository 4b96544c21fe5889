/**
 * A small Convex app for tests of the adapter, run by convex-test: one function for each thing that can happen to a
 * call. `makeApp(options)` builds it anew, so that each test has its own exporter and options.
 */
import { convexTest } from "convex-test";
import {
  actionGeneric,
  type DataModelFromSchemaDefinition,
  defineSchema,
  defineTable,
  httpActionGeneric,
  httpRouter,
  internalActionGeneric,
  internalMutationGeneric,
  internalQueryGeneric,
  makeFunctionReference,
  mutationGeneric,
  queryGeneric,
} from "convex/server";
import { ConvexError, v } from "convex/values";
import { addEvent, setAttributes, setCorrelationId, withSpan } from "../../../src/index.js";
import {
  instrumentConvex,
  type InstrumentConvexOptions,
  type ServerBuilders,
} from "../../../src/adapters/convex/server/index.js";
import { memoryExporter, type MemoryExporter } from "../../../src/testing/index.js";

export const schema = defineSchema({
  tasks: defineTable({ status: v.string(), rank: v.number() }).index("by_status_rank", ["status", "rank"]),
});

type DataModel = DataModelFromSchemaDefinition<typeof schema>;

export const stock = {
  query: queryGeneric,
  internalQuery: internalQueryGeneric,
  mutation: mutationGeneric,
  internalMutation: internalMutationGeneric,
  action: actionGeneric,
  internalAction: internalActionGeneric,
  httpAction: httpActionGeneric,
} as ServerBuilders<DataModel>;

/** References to the functions of the app. */
export const fns = {
  list: makeFunctionReference<"query">("fns:list"),
  add: makeFunctionReference<"mutation">("fns:add"),
  echoArgs: makeFunctionReference<"mutation">("fns:echoArgs"),
  nothing: makeFunctionReference<"mutation">("fns:nothing"),
  inner: makeFunctionReference<"mutation">("fns:inner"),
  outer: makeFunctionReference<"mutation">("fns:outer"),
  work: makeFunctionReference<"action">("fns:work"),
  fail: makeFunctionReference<"mutation">("fns:fail"),
  catches: makeFunctionReference<"action">("fns:catches"),
  many: makeFunctionReference<"mutation">("fns:many"),
  named: makeFunctionReference<"mutation">("fns:named"),
  chain: makeFunctionReference<"mutation">("fns:chain"),
};

export function makeModules(options: InstrumentConvexOptions, server = stock) {
  const otel = instrumentConvex(server, options);
  const { mutation, internalMutation, action, internalAction, query, httpAction, deliver, traceHttpRouter } = otel;
  const functions = {
    list: query({
      args: { status: v.string() },
      handler: (ctx, { status }) =>
        withSpan("never recorded", () =>
          ctx.db
            .query("tasks")
            .withIndex("by_status_rank", (q) => q.eq("status", status))
            .collect(),
        ),
    }),
    add: mutation({
      args: { status: v.string(), rank: v.optional(v.number()) },
      returns: v.string(),
      handler: async (ctx, args) => {
        setAttributes({ "task.status": args.status });
        return await ctx.db.insert("tasks", { rank: 1, ...args });
      },
    }),
    echoArgs: internalMutation({ handler: async (_ctx, args: Record<string, unknown>) => Object.keys(args).sort() }),
    nothing: internalMutation({ args: {}, handler: async () => null }),
    inner: internalMutation({
      args: { status: v.string() },
      handler: async (ctx, { status }) => {
        await ctx.db.insert("tasks", { status, rank: 2 });
        return status;
      },
    }),
    outer: mutation({
      args: { scheduled: v.optional(v.boolean()) },
      handler: async (ctx, { scheduled }) => {
        await ctx.runMutation(fns.inner, { status: "nested" });
        await ctx.runMutation(fns.nothing, {});
        await ctx.runQuery(fns.list, { status: "nested" });
        if (scheduled === true) await ctx.scheduler.runAfter(0, fns.work, { step: "one" });
      },
    }),
    work: internalAction({
      args: { step: v.string() },
      handler: async (ctx, { step }) => {
        await withSpan("think", async (span) => {
          span.setAttribute("step", step);
          addEvent("idea");
          await Promise.resolve();
        });
        await Promise.all([
          ctx.runMutation(fns.inner, { status: "from action" }),
          ctx.runQuery(fns.list, { status: "from action" }),
        ]);
        return step;
      },
    }),
    fail: mutation({
      args: { kind: v.string() },
      handler: async (ctx, { kind }) => {
        await ctx.db.insert("tasks", { status: "lost", rank: 0 });
        if (kind === "convex") throw new ConvexError({ code: "no_money", message: "Not enough", secret: "s3cr3t" });
        if (kind === "text") throw "just text";
        throw new TypeError(`bad ${kind}`);
      },
    }),
    catches: action({
      args: {},
      handler: async (ctx) => {
        try {
          await ctx.runMutation(fns.fail, { kind: "inner" });
        } catch (error) {
          return `caught ${error instanceof Error ? error.message : "?"}`;
        }
        return "not thrown";
      },
    }),
    many: mutation({
      args: { count: v.number() },
      handler: async (ctx, { count }) => {
        for (let rank = 0; rank < count; rank++) await ctx.db.insert("tasks", { status: "many", rank });
        await ctx.db
          .query("tasks")
          .filter((q) => q.eq(q.field("rank"), 1))
          .collect();
        await ctx.db
          .query("tasks")
          .withIndex("by_status_rank", (q) => q.eq("status", "many").gt("rank", 2))
          .order("desc")
          .take(3);
      },
    }),
    named: mutation({
      args: {},
      handler: async (ctx) => {
        setCorrelationId("evt_123");
        await ctx.scheduler.runAfter(0, fns.work, { step: "named" });
      },
    }),
    chain: internalMutation({
      args: { left: v.number() },
      handler: async (ctx, { left }) => {
        if (left > 0) await ctx.scheduler.runAfter(0, fns.chain, { left: left - 1 });
      },
    }),
  };
  const http = traceHttpRouter(httpRouter());
  http.route({
    path: "/hook",
    method: "POST",
    handler: httpAction(async (ctx, request) => {
      await ctx.runMutation(fns.add, { status: await request.text() });
      return new Response("ok", { status: 202, headers: { "x-own": "1" } });
    }),
  });
  http.route({
    pathPrefix: "/files/",
    method: "GET",
    handler: httpAction(async () => {
      const encoder = new TextEncoder();
      const parts = ["a", "b", "c"];
      const pull = (controller: ReadableStreamDefaultController<Uint8Array>) => {
        const part = parts.shift();
        if (part === undefined) return controller.close();
        withSpan(`part ${part}`, () => controller.enqueue(encoder.encode(part)));
      };
      const body = new ReadableStream<Uint8Array>({ pull }, { highWaterMark: 0 });
      return await Promise.resolve(new Response(body));
    }),
  });
  http.route({
    path: "/broken",
    method: "GET",
    handler: httpAction(async () => {
      await Promise.resolve();
      throw new Error("broken");
    }),
  });
  return { functions, http, otel: { deliver } };
}

export interface TestApp {
  readonly t: ReturnType<typeof convexTest>;
  readonly exporter: MemoryExporter;
  /** Runs everything scheduled, however long the chain. */
  settle(): Promise<void>;
}

export function makeApp(options: InstrumentConvexOptions = {}, server = stock): TestApp {
  const exporter = memoryExporter();
  const { functions, http, otel } = makeModules({ service: { name: "test" }, exporter, ...options }, server);
  const t = convexTest(schema, {
    "./convex/_generated/api.js": async () => ({}),
    "./convex/fns.ts": async () => functions,
    "./convex/otel.ts": async () => otel,
    "./convex/http.ts": async () => ({ default: http }),
  });
  return {
    t,
    exporter,
    async settle() {
      for (let i = 0; i < 50; i++) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        await t.finishInProgressScheduledFunctions();
        const pending = await t.run(async (ctx) =>
          (await ctx.db.system.query("_scheduled_functions").collect()).filter(
            ({ state }) => state.kind === "pending" || state.kind === "inProgress",
          ),
        );
        if (pending.length === 0) return;
      }
      throw new Error("scheduled functions did not end");
    },
  };
}
