/** What does not run under the rules: modules for Node.js, and components. */
import { join } from "node:path";
import { defineSchema, makeFunctionReference, mutationGeneric } from "convex/server";
import { v } from "convex/values";
import { afterEach, describe, expect, it, vi } from "vitest";
import { strictConvex } from "../../../src/testing/strict/index.js";
import { finishJobs, fixture, startRules } from "./rules.js";

const calls = makeFunctionReference<"action">("app:calls");

describe('a module with "use node"', () => {
  it("does not run, and says how it could", async () => {
    const { t, close } = await strictConvex({ dir: fixture("useNode") });
    await expect(t.action(calls, {})).rejects.toThrow(
      'The module tasks has "use node", and strictConvex runs Convex\'s own runtime only. ' +
        'To run it as it is, pass it in the option `modules` as "./tasks.js".',
    );
    await t.mutation(makeFunctionReference<"mutation">("app:schedules"), {});
    await close();
  });

  it("runs as it is if it is passed, and is no call", async () => {
    const modules = { "./tasks.js": () => import(join(fixture("useNode"), "tasks.js")) };
    const backend = await strictConvex({ dir: fixture("useNode"), modules });
    expect(await backend.t.action(calls, {})).toBe("ca978112");
    expect(backend.calls.map(({ path }) => path)).toEqual(["app:calls"]);
    await backend.close();
  });
});

describe("a component", () => {
  afterEach(() => vi.useRealTimers());

  const added: number[] = [];
  const lib = {
    add: mutationGeneric({ args: { by: v.number() }, handler: (_, { by }) => added.push(by) }),
  };
  const modules = { "./_generated/api.js": () => Promise.resolve({}), "./lib.js": () => Promise.resolve(lib) };

  it("runs as in convex-test, and is no call: its caller has the operation", async () => {
    vi.useFakeTimers();
    const backend = await startRules();
    backend.t.registerComponent("counter", defineSchema({}), modules);
    await backend.mutation("components:counts");
    await backend.mutation("components:schedules");
    await finishJobs(backend);
    expect(added).toEqual([2, 3]);
    expect(backend.calls.map(({ path, operations }) => [path, operations.map(({ kind }) => kind)])).toEqual([
      ["components:counts", ["call"]],
      ["components:schedules", ["schedule"]],
    ]);
  });
});
