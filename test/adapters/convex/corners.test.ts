/** Programs in the corners of what Convex allows: they run as ever, and their traces are whole. */
import { describe, expect, it } from "vitest";
import { spanTree } from "../../../src/testing/index.js";
import { onlyIn } from "../../runtimes/runtime.js";
import * as apps from "./apps/corners.js";
import { ownAction, run } from "./apps/functions.js";
import { starter } from "./harness/start.js";

const start = starter("corners", apps);
const act = ownAction("act");

describe("a ConvexError of a callee", () => {
  it("keeps its class and its data for an action", async () => {
    const { t, exporter, settle } = await start("catchesConvexErrors");
    expect(await t.action(act, {})).toEqual([true, 7]);
    await settle();
    expect(spanTree(exporter.spans)).toMatchInlineSnapshot(`
      "own:act [server]
      └─ own:refuses [client]
           ! error: convex_error"
    `);
  });

  it("keeps its class and its data for a mutation", async () => {
    const { t, exporter, settle } = await start("catchesConvexErrors");
    expect(await t.mutation(run, {})).toEqual([true, 7]);
    await settle();
    expect(spanTree(exporter.spans)).toMatchInlineSnapshot(`
      "own:run [server]
      └─ own:refuses
           ! error: convex_error"
    `);
  });
});

describe("calls", () => {
  it("pass arguments of every kind beside a carrier", async () => {
    const { t, exporter, settle } = await start("passesAllValues");
    const texts = ["1", "3 bytes", "0", "NaN", "-Infinity", "null"];
    expect(await t.action(act, {})).toEqual([...texts, true, []]);
    await settle();
    expect(spanTree(exporter.spans)).toMatchInlineSnapshot(`
      "own:act [server]
      └─ own:takes [client]
         └─ own:takes [server]"
    `);
  });

  onlyIn("strict", "convex-test commits before what was not awaited has run")(
    "are traced also if nothing awaits them",
    async () => {
      const { t, exporter, settle, told } = await start("awaitsNothing");
      await t.mutation(run, {});
      await settle();
      expect(told("seen")).toEqual([{ n: 1 }]);
      expect(spanTree(exporter.spans)).toMatchInlineSnapshot(`
      "own:run [server]
      ├─ schedule own:target [producer]
      │  └─ process own:target [consumer]
      └─ own:inserts
         └─ insert tasks [client]"
    `);
    },
  );
});

describe("an HTTP action", () => {
  it.each([204, 304])("answers %d, which has no body", async (status) => {
    const { t, exporter, settle } = await start("respondsOddly");
    const response = await t.fetch(`/${status}`, { method: "GET" });
    expect([response.status, response.body]).toEqual([status, null]);
    await settle();
    expect(exporter.spans.map(({ attributes }) => attributes["http.response.status_code"])).toEqual([status]);
  });

  it.each(["throws", "aborts"])("whose body %s is seen to break off, by its reader and in its span", async (how) => {
    const { t, exporter, settle } = await start("respondsOddly");
    const response = await t.fetch(`/${how}`, { method: "GET" });
    await expect(response.text()).rejects.toThrow("no more");
    await settle();
    expect(spanTree(exporter.spans).replace(how, "…")).toBe("GET /… [server]\n  ! error: Error");
  });
});
