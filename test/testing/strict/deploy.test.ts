/** Deploys of other functions on the same database: pending jobs run with the code that is there when they are due. */
import { makeFunctionReference } from "convex/server";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { bundleConvex } from "../../../src/testing/convexBundle.js";
import { strictConvex } from "../../../src/testing/strict/index.js";
import { type Backend, fixture } from "./rules.js";

const call = (name: string) => makeFunctionReference<"mutation">(`jobs:${name}`);
const bundle = (name: string) => bundleConvex(fixture(name));
const runs = () => backend.t.run((ctx) => ctx.db.query("runs").collect());

let backend: Backend;

beforeEach(async () => {
  backend = await strictConvex({ bundle: await bundle("before") });
});

afterEach(async () => {
  vi.useRealTimers();
  await backend.close();
});

describe("a deploy", () => {
  it("keeps data and jobs, which then run the new code", async () => {
    vi.useFakeTimers();
    await backend.t.mutation(call("start"), {});
    await backend.deploy(await bundle("after"));
    await backend.t.finishAllScheduledFunctions(vi.runAllTimers);
    expect(await runs()).toMatchObject([{ by: "before", code: "after" }]);
    expect(backend.calls.map(({ path }) => path)).toEqual(["jobs:start", "jobs:end"]);
  });

  it("brings its own validators, and takes functions away", async () => {
    expect(await backend.t.mutation(call("strict"), { a: "x" })).toBe("before");
    await backend.deploy(await bundle("after"));
    expect(await backend.t.mutation(call("strict"), { b: "x" })).toBe("after");
    await expect(backend.t.mutation(call("strict"), { a: "x" })).rejects.toThrow(/a/);
    await expect(backend.t.mutation(call("start"), {})).rejects.toThrow(/start/);
  });

  it("that fails changes nothing", async () => {
    await expect(backend.deploy(await bundle("other"))).rejects.toThrow("There was no ./elsewhere.js before");
    await expect(backend.deploy(await bundle("throwsAtTop"))).rejects.toThrow("broken cannot be loaded");
    expect(await backend.t.mutation(call("strict"), { a: "x" })).toBe("before");
  });
});
