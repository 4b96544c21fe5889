/** What our builders register, and how they behave where there is no exporter or an old backend. */
import { cronJobs } from "convex/server";
import { describe, expect, it, vi } from "vitest";
import { instrumentConvex } from "../../../src/adapters/convex/server/index.js";
import { spanTree } from "../../../src/testing/index.js";
import * as apps from "./apps/builders.js";
import { fns, run } from "./apps/functions.js";
import * as mainApps from "./apps/main.js";
import { stock } from "./apps/schema.js";
import { starter } from "./harness/start.js";

const start = starter("builders", apps);
const startMain = starter("main", mainApps);

describe("registered functions", () => {
  interface Args {
    readonly type: string;
    readonly value?: object;
  }

  async function compare() {
    const { t } = await start("comparesBuilders");
    const told = (await t.mutation(run, {})) as Readonly<Record<"ours" | "stock", string>> & {
      readonly queriesAreStock: boolean;
      readonly marked: readonly boolean[];
      readonly enumerable: readonly string[];
    };
    const parse = (text: string) => JSON.parse(text) as { readonly args: readonly Args[] };
    return { ...told, ours: parse(told.ours), stock: parse(told.stock) };
  }

  it("keep every property, and have a mark", async () => {
    const { ours, stock: theirs, marked, enumerable } = await compare();
    expect(marked).toEqual([true, true, true, true]);
    expect({ ...ours, args: [] }).toEqual({ ...theirs, args: [] });
    expect(Object.keys(ours)).toEqual([
      "mutation",
      "internalMutation",
      "action",
      "internalAction",
      "httpAction",
      "args",
    ]);
    expect(enumerable).not.toContain("_otel");
  });

  it("queries are made by the stock builders themselves", async () => {
    expect((await compare()).queriesAreStock).toBe(true);
  });

  it("declare one optional argument, and nothing else", async () => {
    const { ours, stock: theirs } = await compare();
    const [declared, ...others] = theirs.args;
    const carrier = { fieldType: { type: "any" }, optional: true };
    expect(ours.args).toEqual([{ type: "object", value: { ...declared?.value, _otel: carrier } }, ...others]);
  });
});

describe("without an exporter", () => {
  it.each([
    ["none given", "withoutExporter"],
    ["a key is missing", "withoutKey"],
  ] as const)("nothing is scheduled, passed on or wrapped: %s", async (_, app) => {
    const { t, settle, jobs } = await startMain(app);
    await t.mutation(fns.outer, { scheduled: true });
    await settle();
    expect((await jobs()).map(({ name, args }) => [name, args])).toEqual([["fns:work", [{ step: "one" }]]]);
  });

  it("a caller's context still passes through", async () => {
    vi.stubEnv("OTEL_SDK_DISABLED", "true");
    const { t, exporter, settle, jobs } = await startMain("withJaeger");
    const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    await t.mutation(fns.chain, { left: 1, _otel: { traceparent } });
    await settle();
    const [job] = await jobs();
    expect(job?.args).toMatchObject([{ left: 0, _otel: { traceparent } }]);
    expect(exporter.batches).toEqual([]);
  });
});

describe("older backends", () => {
  it("without ctx.meta: what is called and scheduled is named by its caller", async () => {
    const { t, exporter, settle } = await start("withoutMetadata");
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
    const { t, exporter, settle } = await start("withFailingMetadata");
    await t.mutation(fns.add, { status: "open" });
    await settle();
    expect(spanTree(exporter.spans)).toMatchInlineSnapshot(`
      "mutation [server]
      └─ insert tasks [client]"
    `);
  });

  it("without the Performance API have frozen times, and say so", async () => {
    const { t, exporter, settle } = await startMain("main", {}, { lacking: "performance" });
    await t.mutation(fns.add, { status: "open" });
    await settle();
    expect(exporter.spans[0]?.attributes["convex.telemetry.clock"]).toBe("frozen");
  });

  it("without AsyncLocalStorage make every span a child of the entry span", async () => {
    const { t, exporter } = await startMain("main", {}, { lacking: "asyncLocalStorage" });
    await t.action(fns.work, { step: "x" });
    expect(spanTree(exporter.spans.filter(({ kind, name }) => name === "think" || kind !== "internal"))).toContain(
      "├─ think",
    );
  });
});

describe("untraced", () => {
  it("gives back Convex's own members, also from a ctx that a custom function made", async () => {
    const { t } = await start("unwraps");
    expect(await t.mutation(run, {})).toEqual([true, true, true, true]);
  });
});

describe("traceCron", () => {
  it("makes the run a root that knows its cron", async () => {
    const { t, exporter, settle } = await startMain("main");
    const crons = cronJobs();
    crons.interval("sweep", { minutes: 5 }, fns.nothing);
    instrumentConvex(stock).traceCron(crons);
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
