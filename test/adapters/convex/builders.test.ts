/** What our builders register, and how they behave where there is no Convex, no exporter or an old backend. */
import { cronJobs } from "convex/server";
import { v } from "convex/values";
import { customCtx, customMutation } from "convex-helpers/server/customFunctions";
import { afterEach, describe, expect, it, vi } from "vitest";
import { instrumentConvex, untraced } from "../../../src/adapters/convex/server/index.js";
import { isInstrumented } from "../../../src/adapters/convex/server/mark.js";
import { getActiveSpan, withSpan } from "../../../src/index.js";
import { jaeger } from "../../../src/otlp/index.js";
import { memoryExporter, spanTree } from "../../../src/testing/index.js";
import { fns, makeApp, stock } from "./app.js";

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

const otel = () => instrumentConvex(stock, { exporter: memoryExporter(), uninstrumented: ["old:*"] });

/** What Convex reads from a registered function at push and when it runs it. */
function registration(registered: object) {
  const names = Object.getOwnPropertyNames(registered).filter(
    (name) => !["name", "length", "prototype"].includes(name),
  );
  const read = (name: string) => {
    const member: unknown = Reflect.get(registered, name);
    return typeof member === "function" ? "function" : member;
  };
  return Object.fromEntries(names.map((name) => [name, read(name)]));
}

describe("registered functions", () => {
  const definition = { args: { a: v.string() }, returns: v.null(), handler: async () => null };

  it.each(["mutation", "internalMutation", "action", "internalAction"] as const)("%s keep every property", (kind) => {
    const ours = otel()[kind](definition);
    expect(registration(ours)).toEqual(registration(stock[kind](definition)));
    expect(isInstrumented(ours)).toBe(true);
    expect(Object.keys(ours)).not.toContain("_otel");
  });

  it("queries are the stock builders themselves", () => {
    expect(otel().query).toBe(stock.query);
    expect(otel().internalQuery).toBe(stock.internalQuery);
  });

  it("HTTP actions keep every property", () => {
    const handler = () => Promise.resolve(new Response());
    expect(registration(otel().httpAction(handler))).toEqual(registration(stock.httpAction(handler)));
  });

  it("declare one optional argument, and nothing else", () => {
    const exported = (registered: object) =>
      JSON.parse((registered as unknown as { exportArgs(): string }).exportArgs()) as unknown;
    const plain = exported(stock.mutation(definition)) as { value: object };
    expect(exported(otel().mutation(definition))).toEqual({
      type: "object",
      value: { ...plain.value, _otel: { fieldType: { type: "any" }, optional: true } },
    });
    const any = { args: v.any(), handler: async () => null };
    expect(exported(otel().mutation(any))).toEqual(exported(stock.mutation(any)));
    expect(exported(otel().mutation(async () => null))).toEqual(exported(stock.mutation(async () => null)));
  });
});

describe("without Convex", () => {
  it("handlers get exactly what a unit test gives them", async () => {
    const seen: unknown[][] = [];
    const registered = otel().mutation({ args: {}, handler: async (...given: unknown[]) => void seen.push(given) });
    const handler = Reflect.get(registered, "_handler") as (...given: unknown[]) => Promise<void>;
    const ctx = {};
    await handler(ctx, undefined);
    await handler(ctx, { _otel: 1 }, "more");
    expect(seen).toEqual([
      [ctx, undefined],
      [ctx, { _otel: 1 }, "more"],
    ]);
    expect(seen[0]?.[0]).toBe(ctx);
  });

  it("withSpan and the rest simply run the code", async () => {
    expect(withSpan("x", () => 1)).toBe(1);
    expect(await withSpan("x", async () => 2)).toBe(2);
    expect(getActiveSpan()).toBeUndefined();
  });
});

describe("without an exporter", () => {
  it.each([
    ["none given", {}],
    ["a key is missing", { exporter: { ...memoryExporter(), isConfigured: () => false } }],
  ])("nothing is scheduled, passed on or wrapped: %s", async (_name, options) => {
    const { t, settle } = makeApp({ exporter: undefined as never, ...options });
    await t.mutation(fns.outer, { scheduled: true });
    await settle();
    const jobs = await t.run((ctx) => ctx.db.system.query("_scheduled_functions").collect());
    expect(jobs.map(({ name, args }) => [name, args])).toEqual([["fns:work", [{ step: "one" }]]]);
  });

  it("a caller's context still passes through", async () => {
    vi.stubEnv("OTEL_SDK_DISABLED", "true");
    const { t, exporter, settle } = makeApp({ exporter: jaeger() });
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    await t.mutation(fns.chain, { left: 1, _otel: { traceparent } });
    await settle();
    const [job] = await t.run((ctx) => ctx.db.system.query("_scheduled_functions").collect());
    expect(job?.args).toMatchObject([{ left: 0, _otel: { traceparent } }]);
    expect(exporter.spans).toEqual([]);
  });
});

/** Builders of a backend before `ctx.meta`: the handlers' ctx has none. */
function withoutMeta(): typeof stock {
  type Build = (definition: object) => object;
  const strip = (build: unknown) => (definition: { handler: (ctx: object, args: unknown) => unknown }) =>
    (build as Build)({
      ...definition,
      handler: (ctx: object, args: unknown) => definition.handler({ ...ctx, meta: undefined }, args),
    });
  const { mutation, internalMutation, action, internalAction } = stock;
  const old = { mutation, internalMutation, action, internalAction };
  return { ...stock, ...Object.fromEntries(Object.entries(old).map(([name, build]) => [name, strip(build)])) };
}

describe("older backends", () => {
  it("without ctx.meta: what is called and scheduled is named by its caller", async () => {
    const { t, exporter, settle } = makeApp({}, withoutMeta());
    await t.mutation(fns.outer, { scheduled: true });
    await settle();
    expect(spanTree(exporter.spans)).toMatchInlineSnapshot(`
      "mutation [server]
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

  it("whose metadata calls fail lose only what they tell", async () => {
    const failing = { getFunctionMetadata: () => Promise.reject(new Error("Unknown async operation")) };
    const server = {
      ...stock,
      mutation: ((definition: { handler: (ctx: object, args: unknown) => unknown }) =>
        (stock.mutation as unknown as (definition: object) => object)({
          ...definition,
          handler: (ctx: object, args: unknown) => definition.handler({ ...ctx, meta: failing }, args),
        })) as unknown as typeof stock.mutation,
    };
    const { t, exporter, settle } = makeApp({}, server);
    await t.mutation(fns.add, { status: "open" });
    await settle();
    expect(spanTree(exporter.spans)).toMatchInlineSnapshot(`
      "mutation [server]
      └─ insert tasks [client]"
    `);
  });

  it("without the Performance API have frozen times, and say so", async () => {
    vi.stubGlobal("performance", undefined);
    const { t, exporter } = makeApp();
    await t.mutation(fns.add, { status: "open" });
    vi.unstubAllGlobals();
    const delivered = await vi.waitUntil(() => exporter.spans.length > 0 && exporter.spans);
    expect(delivered[0]?.attributes["convex.telemetry.clock"]).toBe("frozen");
  });

  it("without AsyncLocalStorage make every span a child of the entry span", async () => {
    const STORE = Symbol.for("convex-otel.context.v1");
    const before: unknown = Reflect.get(globalThis, STORE);
    Reflect.deleteProperty(globalThis, STORE);
    vi.spyOn(process, "getBuiltinModule").mockImplementation(() => {
      throw new Error("not in this runtime");
    });
    const { t, exporter } = makeApp();
    await t.action(fns.work, { step: "x" });
    Reflect.set(globalThis, STORE, before);
    expect(spanTree(exporter.spans.filter(({ kind, name }) => name === "think" || kind !== "internal"))).toContain(
      "├─ think",
    );
  });
});

describe("inside Convex, with a mocked ctx", () => {
  it("what is missing or null in it stays so", async () => {
    vi.stubGlobal("Convex", {});
    const seen: unknown[] = [];
    const registered = otel().mutation({ args: {}, handler: async (ctx: object) => void seen.push(ctx) });
    const handler = Reflect.get(registered, "_handler") as (ctx: object, args: object) => Promise<void>;
    await handler({ db: null, scheduler: null, runQuery: null, own: 1 }, {});
    vi.unstubAllGlobals();
    expect(seen).toEqual([{ db: null, scheduler: null, runQuery: null, own: 1 }]);
  });

  it("draws no random number while nothing is recorded", async () => {
    vi.stubGlobal("Convex", {});
    const random = vi.spyOn(Math, "random");
    const { internalMutation } = instrumentConvex(stock, {});
    const registered = internalMutation({ args: {}, handler: async () => null });
    const handler = Reflect.get(registered, "_handler") as (ctx: object, args: object) => Promise<null>;
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    expect(await handler({}, { _otel: { traceparent } })).toBeNull();
    vi.unstubAllGlobals();
    expect(random).not.toHaveBeenCalled();
  });
});

describe("untraced", () => {
  it("gives back Convex's own members, also from a ctx that a custom function made", async () => {
    const { mutation } = otel();
    const custom = customMutation(
      mutation,
      customCtx(() => ({ extra: 1 })),
    );
    const members: boolean[] = [];
    const { t } = makeApp();
    await t.run(async (ctx) => {
      const registered = custom({
        args: {},
        handler: async (traced) => {
          const plain = untraced(traced);
          members.push(traced.db !== ctx.db, plain.db === ctx.db, plain.scheduler === ctx.scheduler, plain.extra === 1);
        },
      });
      const handler = Reflect.get(registered, "_handler") as (ctx: unknown, args: unknown) => Promise<void>;
      await handler(ctx, {});
    });
    expect(members).toEqual([true, true, true, true]);
  });

  it("leaves a ctx that is not traced as it is", () => {
    const ctx = { db: {}, scheduler: null, extra: 1 };
    expect(untraced(ctx)).toEqual(ctx);
    expect(untraced(ctx)).not.toBe(ctx);
  });
});

describe("traceCron", () => {
  it("names the job in the arguments of instrumented functions only", () => {
    const crons = cronJobs();
    crons.interval("sweep", { minutes: 5 }, fns.nothing);
    crons.cron("report", "0 4 * * *", fns.inner, { status: "x" });
    crons.daily("old", { hourUTC: 4, minuteUTC: 30 }, "old:run" as never);
    otel().traceCron(crons);
    expect(Object.fromEntries(Object.entries(crons.crons).map(([name, { args }]) => [name, args])))
      .toMatchInlineSnapshot(`
      {
        "old": [
          {},
        ],
        "report": [
          {
            "_otel": {
              "baggage": "convex.cron.name=report,faas.cron=0%204%20*%20*%20*",
            },
            "status": "x",
          },
        ],
        "sweep": [
          {
            "_otel": {
              "baggage": "convex.cron.name=sweep,faas.cron=interval%20minutes=5",
            },
          },
        ],
      }
    `);
  });

  it("makes the run a root that knows its cron", async () => {
    const { t, exporter, settle } = makeApp();
    const crons = cronJobs();
    crons.interval("sweep", { minutes: 5 }, fns.nothing);
    otel().traceCron(crons);
    const [args] = crons.crons["sweep"]?.args as [Record<string, unknown>];
    await t.mutation(fns.nothing, args);
    await settle();
    const [span] = exporter.spans;
    expect(span).toMatchObject({ name: "fns:nothing", kind: "server" });
    expect(span?.parentSpanId).toBeUndefined();
    expect(span?.attributes).toMatchObject({
      "convex.cron.name": "sweep",
      "faas.trigger": "timer",
      "faas.cron": "interval minutes=5",
    });
  });
});

describe("options", () => {
  it.each([
    [{ service: { name: 1 } }, /option "service": got \{ name \}; allowed: \{ name\?, version\?/],
    [{ sampling: 2 }, /option "sampling": got 2; allowed: a number from 0 to 1/],
    [{ sampling: { "a:*": "1" } }, /option "sampling"/],
    [{ uninstrumented: ["a b"] }, /option "uninstrumented": got \["a b"\]; allowed: an array of function paths/],
    [{ publicContext: "trust" }, /option "publicContext": got "trust"; allowed: "continue", "link" or "ignore"/],
    [{ exporter: {} }, /option "exporter": got \{ {2}\}; allowed: an exporter made by/],
    [{ traceBound: { hops: 1 } }, /option "traceBound"/],
    [{ limits: { spanCount: -1 } }, /option "limits"/],
    [{ deliver: "otel:*" }, /option "deliver"/],
    [{ servce: {} }, /unknown option "servce": .*allowed: service, resource/],
    [null, /option "options": got null/],
    [{ resource: { a: { b: 1 } } }, /option "resource": got \{ a \}/],
    [{ limits: { spanCount: 1.5 } }, /option "limits"/],
    [{ deliver: "otel.deliver" }, /option "deliver": got "otel.deliver"/],
    [{ sampling: { "a*b": 1 } }, /option "sampling"/],
  ])("wrong: %j", (options, message) => {
    expect(() => instrumentConvex(stock, options as never)).toThrow(TypeError);
    expect(() => instrumentConvex(stock, options as never)).toThrow(message);
  });

  it("never repeats what may be a secret", () => {
    const exporter = { endpoint: "https://x", headers: { "x-honeycomb-team": "s3cr3t" } };
    expect(() => instrumentConvex(stock, { exporter } as never)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining("s3cr3t") as string }),
    );
  });

  it.each([
    [undefined, /first argument must be the module .\/_generated\/server, .*; got something else/],
    [{ ...stock, httpAction: undefined }, /got no httpAction/],
  ])("without the builders: %#", (server, message) => {
    expect(() => instrumentConvex(server as never)).toThrow(message);
  });
});
