/** Conflicts: https://docs.convex.dev/database/advanced/occ and `_retry_mutation` in application_function_runner/mod.rs of get-convex/convex-backend. */
import { describe, expect, it, vi } from "vitest";
import { finishJobs, startRules } from "./rules.js";

/** What an attempt saw, from the line that it printed. */
interface Seen {
  readonly requestId: string;
  readonly random: number;
  readonly now: number;
}

describe("a mutation in conflict", () => {
  it("runs again with the same arguments and request id, a new seed and a new time", async () => {
    let now = 1_000;
    const { mutation, conflict, callsOf } = await startRules({ now: () => (now += 1) });
    conflict("notes:attempt", 2);
    expect(await mutation("notes:attempt", { text: "a" })).toBe(1);
    const calls = callsOf("notes:attempt");
    expect(calls.map(({ attempt, outcome }) => `${attempt} ${outcome}`)).toEqual([
      "1 conflict",
      "2 conflict",
      "3 returned",
    ]);
    expect(new Set(calls.map(({ argsJson }) => argsJson))).toEqual(new Set(['{"text":"a"}']));
    const seen = calls.map(({ console }) => JSON.parse(console[0]?.text ?? "") as Seen);
    expect(new Set(seen.map(({ requestId }) => requestId)).size).toBe(1);
    expect(new Set(seen.map(({ random }) => random)).size).toBe(3);
    expect(new Set(seen.map(({ now: date }) => date)).size).toBe(3);
    expect(calls.map(({ parent }) => parent)).toEqual([undefined, undefined, undefined]);
  });

  it("leaves nothing behind of the attempts that lost", async () => {
    vi.useFakeTimers();
    const backend = await startRules();
    backend.conflict("notes:attempt");
    await backend.mutation("notes:attempt", { text: "a" });
    await finishJobs(backend);
    expect(await backend.query("notes:list")).toEqual(["a", "a later"]);
  });

  it("runs once the next time", async () => {
    const { mutation, conflict, callsOf } = await startRules();
    conflict("notes:attempt");
    await mutation("notes:attempt", { text: "a" });
    await mutation("notes:attempt", { text: "b" });
    expect(callsOf("notes:attempt").map(({ attempt }) => attempt)).toEqual([1, 2, 1]);
  });

  // UDF_EXECUTOR_OCC_MAX_RETRIES in crates/common/src/knobs.rs
  it("fails after four retries", async () => {
    const { mutation, conflict, callsOf, query } = await startRules();
    conflict("notes:add", 5);
    await expect(mutation("notes:add", { text: "a" })).rejects.toThrow("https://docs.convex.dev/error#1");
    expect(callsOf("notes:add")).toHaveLength(5);
    expect(await query("notes:list")).toEqual([]);
  });

  // crates/application/src/scheduled_jobs/mod.rs, `handle_mutation`
  it("is tried without end if it was scheduled", async () => {
    vi.useFakeTimers();
    const backend = await startRules();
    backend.conflict("notes:attempt", 7);
    await backend.mutation("notes:scheduleAttempt");
    await finishJobs(backend);
    expect(backend.callsOf("notes:attempt").map(({ attempt }) => attempt)).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(await backend.query("notes:list")).toEqual(["s", "s later"]);
  });

  // `_retry_mutation` does not know who called.
  it("fails after four retries if it was called by an action that was scheduled", async () => {
    vi.useFakeTimers();
    // convex-test reports jobs that throw.
    const report = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const backend = await startRules();
    backend.conflict("notes:add", 5);
    await backend.mutation("notes:scheduleAction");
    await finishJobs(backend);
    report.mockRestore();
    expect(backend.callsOf("notes:add")).toHaveLength(5);
    expect(backend.callsOf("notes:calls")).toMatchObject([{ outcome: "threw" }]);
    expect(await backend.query("notes:list")).toEqual([]);
  });

  it("is not tried again if it throws", async () => {
    const { mutation, conflict, calls } = await startRules();
    conflict("notes:failing", 3);
    await expect(mutation("notes:failing")).rejects.toMatchObject({ data: { code: 7n } });
    expect(calls).toMatchObject([{ outcome: "threw" }]);
  });

  it("can only be asked for in whole numbers", async () => {
    const { conflict } = await startRules();
    expect(() => conflict("notes:add", 0.5)).toThrow("conflict: attempts is 0.5; give a natural number");
  });
});
