/** AsyncLocalStorage: `npm-packages/udf-runtime/src/04_async_hooks.ts` of get-convex/convex-backend; each call has a context of its own. */
import { AsyncLocalStorage } from "node:async_hooks";
import { describe, expect, it, vi } from "vitest";
import { finishJobs, startRules } from "./rules.js";

describe("AsyncLocalStorage", () => {
  it("survives a syscall", async () => {
    const { mutation } = await startRules();
    expect(await mutation("als:afterSyscall")).toBe("kept");
  });

  it("is a class of its own in every call", async () => {
    const { query } = await startRules();
    expect([await query("als:patch"), await query("als:patch")]).toEqual([1, 1]);
  });

  // Node.js 20 visits every storage in use at each promise, so calls would become slower and slower.
  it("is let go of when its call has ended", async () => {
    const { mutation, action } = await startRules();
    const disable = vi.spyOn(AsyncLocalStorage.prototype, "disable");
    await mutation("als:afterSyscall");
    expect(disable).toHaveBeenCalledTimes(1);
    await action("als:acrossCalls");
    expect(disable).toHaveBeenCalledTimes(5);
    disable.mockRestore();
  });

  it("does not cross ctx.run*", async () => {
    const { action } = await startRules();
    expect(await action("als:acrossCalls")).toEqual(["nothing", "nothing", "nothing", "mine"]);
  });

  it("does not cross the scheduler", async () => {
    vi.useFakeTimers();
    const backend = await startRules();
    await backend.mutation("als:schedules");
    await finishJobs(backend);
    expect(await backend.query("notes:list")).toEqual(["scheduled saw nothing"]);
  });
});
