/** Tracing must not change the program. Each case here once did, or could have. */
import { makeFunctionReference } from "convex/server";
import { afterEach, describe, expect, it, vi } from "vitest";
import { instrumentConvex } from "../../../src/adapters/convex/server/index.js";
import { isTracedContext } from "../../../src/adapters/convex/server/tracedContext.js";
import { addEvent, type Exporter, suppressTracing, withSpan } from "../../../src/index.js";
import { memoryExporter, spanTree } from "../../../src/testing/index.js";
import { stock } from "./app.js";
import { ownApp } from "./ownApp.js";

const mutation = (name: string) => makeFunctionReference<"mutation">(`own:${name}`);
const action = (name: string) => makeFunctionReference<"action">(`own:${name}`);
const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe("a mutation", () => {
  it("that replaces a method of ctx.db gets what it put there", async () => {
    const { t } = ownApp((otel) => ({
      run: otel.mutation(async (ctx) => {
        const db = ctx.db as unknown as Record<"insert", (table: string, document: object) => Promise<never>>;
        const { insert } = db;
        db.insert = (table, document) => insert(table, { ...document, rank: 7 });
        const id = await db.insert("tasks", { status: "a", rank: 1 });
        return ((await ctx.db.get(id)) as { rank: number } | null)?.rank;
      }),
    }));
    expect(await t.mutation(mutation("run"), {})).toBe(7);
  });

  it("keeps what it may schedule, however many nested calls record spans", async () => {
    const { t, settle, jobs } = ownApp(
      (otel) => ({
        child: otel.internalMutation(
          async (ctx) => void (await ctx.db.insert("tasks" as never, { status: "a", rank: 1 })),
        ),
        nothing: otel.internalMutation(async () => null),
        run: otel.mutation(async (ctx) => {
          for (let i = 0; i < 100; i++) await ctx.runMutation(mutation("child"), {});
          for (let i = 0; i < 900; i++) await ctx.scheduler.runAfter(1e9, mutation("nothing"), {});
          return "done";
        }),
      }),
      { diagnostics: () => undefined },
      { transactionLimits: true },
    );
    expect(await t.mutation(mutation("run"), {})).toBe("done");
    await settle();
    expect((await jobs()).filter(({ name }) => name === "own:nothing")).toHaveLength(900);
  });

  it("prints one line when it throws, not one for every nested call it caught", async () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => {});
    const { t } = ownApp((otel) => ({
      fails: otel.internalMutation(async () => {
        throw new Error("inner");
      }),
      run: otel.mutation(async (ctx) => {
        for (let i = 0; i < 5; i++) await ctx.runMutation(mutation("fails"), {}).catch(() => undefined);
        throw new Error("outer");
      }),
    }));
    await expect(t.mutation(mutation("run"), {})).rejects.toThrow("outer");
    expect(log).toHaveBeenCalledTimes(1);
  });

  it("that calls a registered function directly is one call, as Convex has it", async () => {
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const { t, exporter, settle } = ownApp((otel) => {
      const inner = otel.internalMutation(async (ctx) => {
        await ctx.scheduler.runAfter(0, mutation("target"), {});
        return isTracedContext(ctx);
      });
      const call = inner as unknown as (ctx: object, args: object) => Promise<boolean>;
      return { inner, run: otel.mutation(async (ctx) => await call(ctx, {})) };
    });
    expect(await t.mutation(mutation("run"), {})).toBe(true);
    await settle();
    expect(spanTree(exporter.spans)).toMatchInlineSnapshot(`
      "own:run [server]
      └─ schedule own:target [producer]
         └─ process own:target [consumer]"
    `);
  });

  it("does not put rejected values into spans", async () => {
    vi.spyOn(console, "log").mockImplementation(() => {});
    const { t, exporter } = ownApp((otel) => ({
      act: otel.action(async (ctx) => {
        const args = { email: "alice@example.com", n: new Date(0) } as never;
        await ctx.scheduler.runAfter(0, mutation("target"), args).catch(() => undefined);
      }),
    }));
    await t.action(action("act"), {});
    const failed = exporter.spans.find(({ status }) => status.code === 2);
    expect(failed?.status.message).toBe(
      "A value is not a supported Convex type (present at path .n in original object [removed]). To learn about Convex's supported types, see https://docs.convex.dev/using/types.",
    );
    expect(JSON.stringify(exporter.spans)).not.toContain("alice");
  });

  it("of an outsider cannot be hidden by what the outsider says", async () => {
    const { t, exporter, settle } = ownApp((otel) => ({ run: otel.mutation(async () => "ran") }));
    const forged = { traceparent, tracestate: `cvx=0;${Date.now()};n;;;` };
    await t.mutation(mutation("run"), { _otel: forged });
    await settle();
    expect(exporter.spans.map(({ name }) => name)).toEqual(["own:run"]);
  });

  it("passes nothing of an outsider on while it has no exporter", async () => {
    const seen: unknown[] = [];
    const { t, settle } = ownApp(
      (otel) => ({
        echo: stock.internalMutation(async (_ctx, args) => void seen.push(args)),
        run: otel.mutation(async (ctx) => void (await ctx.runMutation(mutation("echo"), {}))),
      }),
      { exporter: undefined as never },
    );
    await t.mutation(mutation("run"), { _otel: { traceparent } });
    await settle();
    expect(seen).toEqual([{}]);
  });
});

describe("an action", () => {
  it("does not wait for an exporter that never answers", async () => {
    const exporter: Exporter = { name: "hangs", isConfigured: () => true, send: () => new Promise(() => undefined) };
    const { t, jobs } = ownApp((otel) => ({ act: otel.action(async () => "done") }), { exporter });
    const started = Date.now();
    expect(await t.action(action("act"), {})).toBe("done");
    expect(Date.now() - started).toBeLessThan(3000);
    expect((await jobs()).map(({ name }) => name)).toEqual(["otel:deliver"]);
  });

  it("that suppresses tracing gives no carrier, not even an empty one", async () => {
    const { t, seen } = ownApp((otel) => ({
      act: otel.action(async (ctx) => {
        await suppressTracing(() => withSpan("x", () => ctx.runMutation(mutation("target"), {})));
      }),
    }));
    await t.action(action("act"), {});
    expect(seen).toEqual([{}]);
  });

  it("keeps the parents of its callees in the trace, however much it records", async () => {
    const { t, exporter, settle } = ownApp((otel) => ({
      child: otel.internalMutation(
        async (ctx) => void (await ctx.db.insert("tasks" as never, { status: "a", rank: 1 })),
      ),
      act: otel.action(async (ctx) => {
        for (let i = 0; i < 200; i++) withSpan(`s${i}`, { attributes: { big: "x".repeat(2000) } }, () => addEvent("e"));
        await ctx.runMutation(mutation("child"), {});
      }),
    }));
    await t.action(action("act"), {});
    await settle();
    const tree = spanTree(exporter.spans);
    expect(tree).toContain("own:child [client]\n   └─ own:child [server]");
    expect(exporter.spans.length).toBeLessThan(203);
  });
});

describe("an HTTP action", () => {
  /** What `response` becomes on its way through an instrumented HTTP action. */
  async function answer(respond: () => Response, headers: Record<string, string> = {}) {
    const app = ownApp((otel, http) => {
      http.route({ path: "/x", method: "GET", handler: otel.httpAction(async () => await Promise.resolve(respond())) });
      return {};
    });
    return { ...app, response: await app.t.fetch("/x", { method: "GET", headers }) };
  }

  it("keeps a correlation id that the handler answers with", async () => {
    const { response } = await answer(() => new Response("hi", { headers: { "x-correlation-id": "mine" } }), {
      "x-correlation-id": "callers",
    });
    expect(response.headers.get("x-correlation-id")).toBe("mine");
  });

  it("returns a body of known length as it is, so that Convex sends its content-length", async () => {
    const original = Object.assign(new Response("hello"), { [Symbol("[[contentLength]]")]: 5 });
    const { response, exporter, settle } = await answer(() => original);
    expect(response).toBe(original);
    await settle();
    expect(exporter.spans.map(({ name }) => name)).toEqual(["GET /x"]);
  });

  it("keeps several cookies, status and status text", async () => {
    const headers = new Headers([
      ["set-cookie", "a=1"],
      ["set-cookie", "b=2"],
    ]);
    const { response } = await answer(() => new Response("no", { status: 418, statusText: "Teapot", headers }));
    expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect([response.status, response.statusText, await response.text()]).toEqual([418, "Teapot", "no"]);
  });

  it("is recorded also if it returns no response at all", async () => {
    const { t, exporter, settle } = ownApp((otel, http) => {
      http.route({ path: "/x", method: "GET", handler: otel.httpAction(async () => undefined as never) });
      return {};
    });
    expect(await t.fetch("/x", { method: "GET" }).catch(() => undefined)).toBeUndefined();
    await settle();
    expect(exporter.spans.map(({ name }) => name)).toEqual(["GET /x"]);
  });

  it("answers with a redirect, whose headers cannot be changed", async () => {
    const { response } = await answer(() => Response.redirect("https://example.com/", 303));
    expect([response.status, response.headers.get("location")]).toEqual([303, "https://example.com/"]);
  });

  it("gives the id it makes to what it calls", async () => {
    const { t, exporter, settle } = ownApp((otel, http) => {
      const handler = otel.httpAction(async (ctx) => {
        await ctx.scheduler.runAfter(0, mutation("target"), {});
        return new Response(null);
      });
      http.route({ path: "/x", method: "GET", handler });
      return {};
    });
    const response = await t.fetch("/x", { method: "GET" });
    await settle();
    const ids = new Set(exporter.spans.map(({ attributes }) => attributes["correlation.id"]));
    expect([...ids]).toEqual([response.headers.get("x-correlation-id")]);
    expect(exporter.spans).toHaveLength(3);
  });
});

describe("on convex 1.38 to 1.41, whose metadata does not name the job", () => {
  it("a scheduled run is still a scheduled run", async () => {
    type Definition = { handler: (ctx: object, args: unknown) => unknown };
    const meta = {
      getRequestMetadata: async () => ({ requestId: "r1" }),
      getFunctionMetadata: async () => ({ name: "own:j" }),
    };
    const older = (definition: Definition) =>
      (stock.internalMutation as unknown as (definition: object) => object)({
        ...definition,
        handler: (ctx: object, args: unknown) => definition.handler({ ...ctx, meta }, args),
      });
    const otelExporter = memoryExporter();
    const server = { ...stock, internalMutation: older } as unknown as typeof stock;
    const { t, settle } = ownApp(
      (otel) => ({
        j: instrumentConvex(server, { exporter: otelExporter }).internalMutation({
          args: {},
          handler: async () => null,
        }),
        run: otel.mutation(async (ctx) => void (await ctx.scheduler.runAfter(0, mutation("j"), {}))),
      }),
      { exporter: otelExporter },
    );
    await t.mutation(mutation("run"), {});
    await settle();
    expect(spanTree(otelExporter.spans)).toContain("process own:j [consumer]");
  });
});
