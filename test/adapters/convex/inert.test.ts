/** Tracing must not change the program. Each case here once did, or could have. */
import { describe, expect, it } from "vitest";
import { spanTree } from "../../../src/testing/index.js";
import { onlyIn } from "../../runtimes/runtime.js";
import { ownAction, run } from "./apps/functions.js";
import * as apps from "./apps/inert.js";
import { starter } from "./harness/start.js";

const start = starter("inert", apps);
const act = ownAction("act");
const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

describe("a mutation", () => {
  it("that replaces a method of ctx.db gets what it put there", async () => {
    const { t } = await start("replacesInsert");
    expect(await t.mutation(run, {})).toBe(7);
  });

  it("keeps what it may schedule, however many nested calls record spans", async () => {
    const { t, settle, jobs } = await start("schedulesManyJobs", {}, { transactionLimits: true });
    expect(await t.mutation(run, {})).toBe("done");
    await settle();
    expect((await jobs()).filter(({ name }) => name === "own:nothing")).toHaveLength(900);
  });

  it("prints one line when it throws, not one for every nested call it caught", async () => {
    const { t, printed } = await start("throwsAfterCatching");
    await expect(t.mutation(run, {})).rejects.toThrow("outer");
    expect(printed()).toHaveLength(1);
  });

  it("that calls a registered function directly is one call, as Convex has it", async () => {
    const { t, exporter, settle } = await start("callsRegisteredDirectly");
    expect(await t.mutation(run, {})).toBe(true);
    await settle();
    expect(spanTree(exporter.spans)).toMatchInlineSnapshot(`
      "own:run [server]
      └─ schedule own:target [producer]
         └─ process own:target [consumer]"
    `);
  });

  it("does not put rejected values into spans", async () => {
    const { t, exporter } = await start("schedulesUnsupportedValues");
    await t.action(act, {});
    const failed = exporter.spans.find(({ status }) => status.code === 2);
    expect(failed?.status.message).toBe(
      "A value is not a supported Convex type (present at path .n in original object [removed]). To learn about Convex's supported types, see https://docs.convex.dev/using/types.",
    );
    expect(JSON.stringify(exporter.spans)).not.toContain("alice");
  });

  it("of an outsider cannot be hidden by what the outsider says", async () => {
    const { t, exporter, settle } = await start("runs");
    const forged = { traceparent, tracestate: `cvx=0;${Date.now()};n;;;` };
    await t.mutation(run, { _otel: forged });
    await settle();
    expect(exporter.spans.map(({ name }) => name)).toEqual(["own:run"]);
  });

  it("passes nothing of an outsider on while it has no exporter", async () => {
    const { t, settle, told } = await start("echoesWithoutExporter");
    await t.mutation(run, { _otel: { traceparent } });
    await settle();
    expect(told("seen")).toEqual([{}]);
  });
});

describe("an action", () => {
  it("does not wait for an exporter that never answers", async () => {
    const { t, jobs } = await start("hangs");
    const started = Date.now();
    expect(await t.action(act, {})).toBe("done");
    expect(Date.now() - started).toBeLessThan(3000);
    expect((await jobs()).map(({ name }) => name)).toEqual(["otel:deliver"]);
  });

  it("that suppresses tracing gives no carrier, not even an empty one", async () => {
    const { t, told } = await start("suppresses");
    await t.action(act, {});
    expect(told("seen")).toEqual([{}]);
  });

  it("keeps the parents of its callees in the trace, however much it records", async () => {
    const { t, exporter, settle } = await start("recordsMuch");
    await t.action(act, {});
    await settle();
    const tree = spanTree(exporter.spans);
    expect(tree).toContain("own:child [client]\n   └─ own:child [server]");
    expect(exporter.spans.length).toBeLessThan(203);
  });
});

describe("an exporter", () => {
  it("is asked once in a call whether it is configured", async () => {
    const { t, told } = await start("asksItsExporter");
    await t.mutation(run, {});
    expect(told("asked")).toEqual([true]);
  });
});

describe("an exporter that throws when it is asked whether it is configured", () => {
  it("fails no call, and is reported now and then", async () => {
    const { t, told } = await start("cannotAskItsExporter");
    for (let call = 0; call < 20; call++) {
      expect(await t.mutation(run, {})).toBe("ran");
      expect(await t.action(act, {})).toBe("acted");
      expect(await (await t.fetch("/hook", { method: "GET" })).text()).toBe("heard");
    }
    const reported = new Set(told("reported"));
    const message = "Nothing is traced: `isConfigured` of the exporter threw: no such key";
    expect([...reported].filter((text) => text !== `${message} (one in 10 such reports is printed)`)).toEqual([]);
  });
});

describe("an HTTP action", () => {
  /** What the response of a route becomes on its way out. */
  async function answer(path: string, headers: Record<string, string> = {}) {
    const app = await start("responds");
    return { ...app, response: await app.t.fetch(path, { method: "GET", headers }) };
  }

  it("keeps a correlation id that the handler answers with", async () => {
    const { response } = await answer("/own-id", { "x-correlation-id": "callers" });
    expect(response.headers.get("x-correlation-id")).toBe("mine");
  });

  it("answers with a body of known length", async () => {
    const { response, exporter, settle } = await answer("/known-length");
    expect(await response.text()).toBe("hello");
    await settle();
    expect(exporter.spans.map(({ name }) => name)).toEqual(["GET /known-length"]);
  });

  const reason = "what leaves Convex is not the object that a handler returned";
  onlyIn("convex-test", reason)("returns that response as it is, so that Convex sends its content-length", async () => {
    const { response } = await answer("/known-length");
    expect(Object.getOwnPropertySymbols(response).map(String)).toContain("Symbol([[contentLength]])");
  });

  it("keeps several cookies, status and status text", async () => {
    const { response } = await answer("/cookies");
    expect(response.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
    expect([response.status, response.statusText, await response.text()]).toEqual([418, "Teapot", "no"]);
  });

  it("is recorded also if it returns no response at all", async () => {
    const { t, exporter, settle } = await start("responds");
    expect(await t.fetch("/nothing", { method: "GET" }).catch(() => undefined)).toBeUndefined();
    await settle();
    expect(exporter.spans.map(({ name }) => name)).toEqual(["GET /nothing"]);
  });

  it("answers with a redirect, whose headers cannot be changed", async () => {
    const { response } = await answer("/redirect");
    expect([response.status, response.headers.get("location")]).toEqual([303, "https://example.com/"]);
  });

  it("gives the id it makes to what it calls", async () => {
    const { response, exporter, settle } = await answer("/schedules");
    await settle();
    const ids = new Set(exporter.spans.map(({ attributes }) => attributes["correlation.id"]));
    expect([...ids]).toEqual([response.headers.get("x-correlation-id")]);
    expect(exporter.spans).toHaveLength(3);
  });
});

describe("on convex 1.38 to 1.41, whose metadata does not name the job", () => {
  it("a scheduled run is still a scheduled run", async () => {
    const { t, exporter, settle } = await start("metadataWithoutJob");
    await t.mutation(run, {});
    await settle();
    expect(spanTree(exporter.spans)).toContain("process own:j [consumer]");
  });
});
