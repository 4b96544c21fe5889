/** Apps that would notice tracing if it changed anything. */
import { untraced } from "../../../../src/adapters/convex/server/index.js";
import { addEvent, type Exporter, suppressTracing, withSpan } from "../../../../src/index.js";
import { builderWith } from "./builderWith.js";
import { ownApp } from "./app.js";
import { ownMutation, target } from "./functions.js";
import { stock } from "./schema.js";
import { tell } from "./tell.js";

export const replacesInsert = ownApp((otel) => ({
  run: otel.mutation(async (ctx) => {
    const db = ctx.db as unknown as Record<"insert", (table: string, document: object) => Promise<never>>;
    const { insert } = db;
    db.insert = (table, document) => insert(table, { ...document, rank: 7 });
    const id = await db.insert("tasks", { status: "a", rank: 1 });
    return ((await ctx.db.get(id)) as { rank: number } | null)?.rank;
  }),
}));

export const schedulesManyJobs = ownApp(
  (otel) => ({
    child: otel.internalMutation(async (ctx) => void (await ctx.db.insert("tasks", { status: "a", rank: 1 }))),
    nothing: otel.internalMutation(async () => null),
    run: otel.mutation(async (ctx) => {
      for (let i = 0; i < 100; i++) await ctx.runMutation(ownMutation("child"), {});
      for (let i = 0; i < 900; i++) await ctx.scheduler.runAfter(1e9, ownMutation("nothing"), {});
      return "done";
    }),
  }),
  { configure: (exporter) => ({ exporter, diagnostics: () => undefined }) },
);

export const throwsAfterCatching = ownApp((otel) => ({
  fails: otel.internalMutation(async () => {
    throw new Error("inner");
  }),
  run: otel.mutation(async (ctx) => {
    for (let i = 0; i < 5; i++) await ctx.runMutation(ownMutation("fails"), {}).catch(() => undefined);
    throw new Error("outer");
  }),
}));

export const callsRegisteredDirectly = ownApp((otel) => {
  const inner = otel.internalMutation(async (ctx) => {
    await ctx.scheduler.runAfter(0, target, {});
    return untraced(ctx).db !== ctx.db;
  });
  const call = inner as unknown as (ctx: object, args: object) => Promise<boolean>;
  return { inner, run: otel.mutation(async (ctx) => await call(ctx, {})) };
});

export const schedulesUnsupportedValues = ownApp((otel) => ({
  act: otel.action(async (ctx) => {
    const args = { email: "alice@example.com", n: new Date(0) } as never;
    await ctx.scheduler.runAfter(0, target, args).catch(() => undefined);
  }),
}));

export const runs = ownApp((otel) => ({ run: otel.mutation(async () => "ran") }));

export const echoesWithoutExporter = ownApp(
  (otel) => ({
    echo: stock.internalMutation(async (_ctx, args) => tell("seen", args)),
    run: otel.mutation(async (ctx) => void (await ctx.runMutation(ownMutation("echo"), {}))),
  }),
  { configure: () => ({}) },
);

const hanging: Exporter = { name: "hangs", isConfigured: () => true, send: () => new Promise(() => undefined) };

export const hangs = ownApp((otel) => ({ act: otel.action(async () => "done") }), {
  configure: () => ({ exporter: hanging }),
});

const curious: Exporter = {
  name: "asked",
  isConfigured: () => tell("asked", true) === undefined,
  send: async () => ({ outcome: "delivered", rejectedSpans: 0 }),
};

export const asksItsExporter = ownApp((otel) => ({ run: otel.mutation(async () => "ran") }), {
  configure: () => ({ exporter: curious }),
});

const broken: Exporter = {
  ...hanging,
  isConfigured: () => {
    throw new Error("no such key");
  },
};

export const cannotAskItsExporter = ownApp(
  (otel, http) => {
    http.route({ path: "/hook", method: "GET", handler: otel.httpAction(async () => new Response("heard")) });
    return {
      run: otel.mutation(async () => "ran"),
      act: otel.action(async () => "acted"),
    };
  },
  { configure: () => ({ exporter: broken, diagnostics: ({ message }) => void tell("reported", message) }) },
);

export const suppresses = ownApp((otel) => ({
  act: otel.action(async (ctx) => {
    await suppressTracing(() => withSpan("x", () => ctx.runMutation(target, {})));
  }),
}));

export const recordsMuch = ownApp((otel) => ({
  child: otel.internalMutation(async (ctx) => void (await ctx.db.insert("tasks", { status: "a", rank: 1 }))),
  act: otel.action(async (ctx) => {
    for (let i = 0; i < 200; i++) withSpan(`s${i}`, { attributes: { big: "x".repeat(2000) } }, () => addEvent("e"));
    await ctx.runMutation(ownMutation("child"), {});
  }),
}));

/** Responses of every kind, by path. */
export const responds = ownApp((otel, http) => {
  const responses: Readonly<Record<string, () => Response>> = {
    "/own-id": () => new Response("hi", { headers: { "x-correlation-id": "mine" } }),
    "/known-length": () => Object.assign(new Response("hello"), { [Symbol("[[contentLength]]")]: 5 }),
    "/cookies": () => {
      const cookies: [string, string][] = [
        ["set-cookie", "a=1"],
        ["set-cookie", "b=2"],
      ];
      return new Response("no", { status: 418, statusText: "Teapot", headers: new Headers(cookies) });
    },
    "/nothing": () => undefined as never,
    "/redirect": () => Response.redirect("https://example.com/", 303),
  };
  for (const [path, respond] of Object.entries(responses)) {
    http.route({ path, method: "GET", handler: otel.httpAction(async () => await Promise.resolve(respond())) });
  }
  http.route({
    path: "/schedules",
    method: "GET",
    handler: otel.httpAction(async (ctx) => {
      await ctx.scheduler.runAfter(0, target, {});
      return new Response(null);
    }),
  });
  return {};
});

/** Builders of convex 1.38 to 1.41, whose metadata does not name the job. */
const older = builderWith((ctx) => ({
  ...ctx,
  meta: {
    getRequestMetadata: async () => ({ requestId: "r1" }),
    getFunctionMetadata: async () => ({ name: "own:j" }),
  },
}));

export const metadataWithoutJob = ownApp(
  (otel) => ({
    j: otel.internalMutation({ args: {}, handler: async () => null }),
    run: otel.mutation(async (ctx) => void (await ctx.scheduler.runAfter(0, ownMutation("j"), {}))),
  }),
  { server: { ...stock, internalMutation: older(stock.internalMutation) } },
);
