/** Sampling and trust in an app: no exported span lacks its parent. */
import { describe, expect, it, vi } from "vitest";
import { spanTree } from "../../../src/testing/index.js";
import { fns, ownMutation, run } from "./apps/functions.js";
import * as mainApps from "./apps/main.js";
import * as samplingApps from "./apps/sampling.js";
import { starter } from "./harness/start.js";

const startMain = starter("main", mainApps);
const startOwn = starter("sampling", samplingApps);

const CALLER = { traceId: "a".repeat(32), spanId: "b".repeat(16) };

describe("sampling", () => {
  it("a function with share 0 leaves no hole in the trace", async () => {
    const { t, exporter, settle } = await startMain("main", { sampling: { "fns:work": 0, "*": 1 } });
    await t.mutation(fns.outer, { scheduled: true });
    await settle();
    expect(spanTree(exporter.spans)).toMatchInlineSnapshot(`
      "fns:outer [server]
      ├─ fns:inner
      │  └─ insert tasks [client]
      ├─ fns:nothing
      ├─ fns:list
      └─ schedule fns:work [producer]
         └─ fns:inner [server]
            └─ insert tasks [client]"
    `);
  });

  it("a scheduled public function trusts its carrier, a client that says it is one is not believed", async () => {
    const { t, exporter, settle } = await startOwn("schedulesPublic", { publicContext: "link" });
    const open = ownMutation("open");
    await t.mutation(run, {});
    await settle();
    expect(spanTree(exporter.spans)).toMatchInlineSnapshot(`
      "own:run [server]
      └─ schedule own:open [producer]
         └─ process own:open [consumer]"
    `);
    exporter.clear();
    const traceparent = `00-${CALLER.traceId}-${CALLER.spanId}-01`;
    await t.mutation(open, { _otel: { traceparent, tracestate: `cvx=0;${Date.now()};s;;;` } });
    await settle();
    expect(spanTree(exporter.spans)).toMatchInlineSnapshot(`
      "own:open [server]
        ~ link to aaaaaaaa/bbbbbbbb"
    `);
  });

  it("asks for the name of a function a client calls, if the shares depend on it", async () => {
    const { t, exporter, settle } = await startMain("main", { sampling: { "fns:add": 0 } });
    await t.mutation(fns.add, { status: "open" });
    await t.mutation(fns.many, { count: 1 });
    await settle();
    expect(exporter.spans.filter(({ kind }) => kind === "server").map(({ name }) => name)).toEqual(["fns:many"]);
  });

  it("share 0 for all records nothing and schedules nothing", async () => {
    vi.stubEnv("OTEL_TRACES_SAMPLER", "always_off");
    const { t, exporter, settle, jobs } = await startMain("main");
    await t.mutation(fns.outer, { scheduled: true });
    await settle();
    expect(exporter.spans).toEqual([]);
    expect((await jobs()).map(({ name }) => name)).toEqual(["fns:work"]);
  });

  it("code wins over the environment", async () => {
    vi.stubEnv("OTEL_TRACES_SAMPLER", "always_off");
    const { t, exporter, settle } = await startMain("main", { sampling: 1 });
    await t.mutation(fns.add, { status: "open" });
    await settle();
    expect(exporter.spans).not.toEqual([]);
  });

  it("unsampled calls that fail are exported alone, if asked for", async () => {
    const { t, exporter, settle } = await startMain("keepsLargeCalls", { sampling: 1e-12 });
    await t.action(fns.work, { step: "x" });
    await settle();
    expect(spanTree(exporter.spans)).toMatchInlineSnapshot(`
      "fns:work [server]
      ├─ think
      ├─ fns:inner [client]
      └─ fns:list [client]"
    `);
    for (const span of exporter.spans) expect(span.attributes["convex.trace.partial"]).toBe(true);
  });
});
