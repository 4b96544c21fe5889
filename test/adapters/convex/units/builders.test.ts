/**
 * The builders where nothing runs: what they check, what they do where there is no Convex, and what they do with the partial
 * mocks that users' unit tests call handlers with.
 */
import { cronJobs } from "convex/server";
import { afterEach, describe, expect, it, vi } from "vitest";
import { instrumentConvex, untraced } from "../../../../src/adapters/convex/server/index.js";
import { getActiveSpan, withSpan } from "../../../../src/index.js";
import { memoryExporter } from "../../../../src/testing/index.js";
import { fns } from "../apps/functions.js";
import { stock } from "../apps/schema.js";

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const otel = () => instrumentConvex(stock, { exporter: memoryExporter(), uninstrumented: ["old:*"] });

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

describe("inside Convex, with a mocked ctx", () => {
  it("what is missing or null in it stays so", async () => {
    vi.stubGlobal("Convex", {});
    // Without a scheduler there is no way out, which is reported.
    const report = vi.spyOn(console, "error").mockImplementation(() => {});
    const seen: unknown[] = [];
    const registered = otel().mutation({ args: {}, handler: async (ctx: object) => void seen.push(ctx) });
    const handler = Reflect.get(registered, "_handler") as (ctx: object, args: object) => Promise<void>;
    await handler({ db: null, scheduler: null, runQuery: null, own: 1 }, {});
    expect(seen).toEqual([{ db: null, scheduler: null, runQuery: null, own: 1 }]);
    expect(report).toHaveBeenCalledOnce();
  });

  it("draws no random number while nothing is recorded", async () => {
    vi.stubGlobal("Convex", {});
    const random = vi.spyOn(Math, "random");
    const { internalMutation } = instrumentConvex(stock, {});
    const registered = internalMutation({ args: {}, handler: async () => null });
    const handler = Reflect.get(registered, "_handler") as (ctx: object, args: object) => Promise<null>;
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    expect(await handler({}, { _otel: { traceparent } })).toBeNull();
    expect(random).not.toHaveBeenCalled();
  });
});

describe("untraced", () => {
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
