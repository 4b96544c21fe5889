/** A small Convex app: one function for each thing that can happen to a call. */
import type { HttpRouter } from "convex/server";
import { ConvexError, v } from "convex/values";
import { addEvent, setAttributes, setCorrelationId, withSpan } from "../../../../src/index.js";
import type { Otel } from "./app.js";
import { fns } from "./functions.js";

/** Its functions; its routes are added to the router. */
export function mainFunctions(otel: Otel, http: HttpRouter) {
  addRoutes(otel, http);
  const { mutation, internalMutation, action, internalAction, query } = otel;
  return {
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
        if (kind === "plain") throw new Error("bad plain");
        throw new TypeError(`bad ${kind}`);
      },
    }),
    catches: action({
      args: {},
      handler: async (ctx) => {
        try {
          // Convex keeps the class of no error between calls, and convex-test that of all.
          await ctx.runMutation(fns.fail, { kind: "plain" });
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
    tight: mutation({
      args: {},
      handler: async (ctx) => {
        await ctx.runMutation(fns.add, { status: "tight" }, { transactionLimits: { functionsScheduled: 1 } });
      },
    }),
  };
}

function addRoutes({ httpAction }: Otel, http: HttpRouter): void {
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
}
