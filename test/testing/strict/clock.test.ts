/** Clocks. Rules: `crates/isolate/src/environment/udf/phase.rs` of get-convex/convex-backend, and the page below. */
import { describe, expect, it } from "vitest";
import { startRules } from "./rules.js";

interface Reading {
  readonly date: number;
  readonly fromNew: number;
  readonly performance: number;
  readonly wall: number;
}

interface Twice {
  readonly before: Reading;
  readonly after: Reading;
  readonly viaPrototype: number;
}

/** A clock that gains 10 ms with every look at it. */
function ticking(): () => number {
  let now = 1_700_000_000_000;
  return () => (now += 10.25);
}

// https://docs.convex.dev/functions/runtimes#using-randomness-and-time-in-queries-and-mutations
describe("time", () => {
  it("stands still in a query, and reading it is observed", async () => {
    const { query, callsOf } = await startRules({ now: ticking() });
    const { before, after, viaPrototype } = (await query("clock:inQuery")) as Twice;
    expect(after).toEqual(before);
    expect(before.fromNew).toBe(before.date);
    expect(viaPrototype).toBe(before.date);
    expect(before.wall).toBe(before.date);
    expect(callsOf("clock:inQuery")).toMatchObject([{ clockReads: 9, observedTime: true }]);
  });

  it("Date stands still in a mutation, performance.now() advances by tenths of a millisecond", async () => {
    const { mutation } = await startRules({ now: ticking() });
    const { before, after } = (await mutation("clock:inMutation")) as Twice;
    expect(after.date).toBe(before.date);
    expect(after.performance).toBeGreaterThan(before.performance);
    expect(Number((after.performance * 10).toFixed(6)) % 1).toBe(0);
    expect(before.wall).toBeGreaterThanOrEqual(before.date);
  });

  it("advances in an action", async () => {
    const { action } = await startRules({ now: ticking() });
    const { before, after } = (await action("clock:inAction")) as Twice;
    expect(after.date).toBeGreaterThan(before.date);
    expect(after.performance).toBeGreaterThan(before.performance);
    expect(Number.isInteger(after.date)).toBe(true);
  });

  // `run_udf` in crates/isolate/src/environment/udf/async_syscall.rs hands on the parent's unix timestamp.
  it("a nested mutation has its caller's Date, and its performance.now() starts again", async () => {
    const { mutation } = await startRules({ now: ticking() });
    const { before, inner, after } = (await mutation("clock:nested")) as Record<"before" | "inner" | "after", Reading>;
    expect(inner.date).toBe(before.date);
    expect(inner.performance).toBe(before.performance);
    expect(after.performance).toBeGreaterThan(before.performance);
  });

  it("is that of the deploy while modules are evaluated, and reading it then is not observed", async () => {
    let now = 5_000;
    const { query, callsOf } = await startRules({ now: () => now });
    now = 9_000;
    expect(await query("clock:imported")).toMatchObject({ date: 5_000, performance: 0 });
    expect(callsOf("clock:imported")).toMatchObject([
      { clockReads: 0, importReads: { clock: 2, random: 2 }, observedTime: false, observedRandom: false },
    ]);
  });

  // `performance_time_origin` in phase.rs does not set `observed_time`; 27_performance.ts builds marks on `now()`.
  it("is observed by performance.mark, but not by timeOrigin or by dates that are given", async () => {
    const { query, callsOf } = await startRules();
    await query("clock:untouched");
    await query("clock:marking");
    expect(callsOf("clock:untouched")).toMatchObject([{ clockReads: 0, observedTime: false }]);
    expect(callsOf("clock:marking")).toMatchObject([{ clockReads: 1, observedTime: true }]);
  });

  // crates/application/src/cache/mod.rs: results that observed the time are kept for seconds only.
  it("read by a nested query counts for the query that called it", async () => {
    const { query, callsOf } = await startRules();
    await query("clock:callsReader");
    await query("clock:callsImported");
    expect(callsOf("clock:callsReader")).toMatchObject([{ clockReads: 0, observedTime: true }]);
    expect(callsOf("clock:callsImported")).toMatchObject([{ clockReads: 0, observedTime: false }]);
  });
});
