/**
 * The order of a transaction's operations: `run_inner` in `crates/isolate/src/environment/udf/mod.rs` of get-convex/convex-backend
 * takes them from a queue, one at a time (reads in batches).
 */
import { describe, expect, it } from "vitest";
import { startRules } from "./rules.js";

describe("operations of a mutation", () => {
  it("nested calls run one at a time, also those that start together", async () => {
    const { mutation, query } = await startRules();
    expect(await mutation("order:parallel")).toEqual(["n0", "n1", "n2"]);
    expect(await query("notes:list")).toEqual(["n0", "n1", "n2"]);
  });

  it("a write beside a nested mutation that fails is not undone with it", async () => {
    const { mutation, query } = await startRules();
    expect(await mutation("order:besideFailing")).toEqual(["failed", "string"]);
    expect(await query("notes:list")).toEqual(["kept"]);
  });

  it("a read sees the writes that were asked for before it, awaited or not", async () => {
    const { mutation } = await startRules();
    expect(await mutation("order:readsUnawaitedWrite")).toEqual(["seen"]);
    expect(await mutation("order:readsThrough")).toEqual([
      ["seen", "one"],
      ["seen", "one"],
    ]);
  });

  it("that nobody awaits do not happen if the mutation throws; what it printed stays", async () => {
    const { mutation, query, callsOf } = await startRules();
    await expect(mutation("order:throwsForgetful")).rejects.toThrow("no");
    expect(await query("notes:list")).toEqual([]);
    expect(callsOf("order:throwsForgetful")).toMatchObject([{ outcome: "threw", console: [{ text: "'printed'" }] }]);
  });

  it("that nobody awaits can still end it after its handler has returned", async () => {
    const { mutation, query, calls } = await startRules();
    await expect(mutation("order:rejectsLater")).rejects.toThrow("after the handler");
    expect(calls).toMatchObject([{ outcome: "killed" }]);
    expect(await query("notes:list")).toEqual([]);
  });
});

// The same function: nothing is left to run, and the promise is pending.
describe("a promise that nobody resolves", () => {
  const never = "Returned promise will never resolve";

  it("ends a query or mutation, which cannot catch that", async () => {
    const { query, mutation, calls } = await startRules();
    await expect(query("order:stuck")).rejects.toThrow(never);
    await expect(mutation("order:stuckLater")).rejects.toThrow(never);
    expect(calls).toMatchObject([{ outcome: "killed" }, { outcome: "killed" }]);
    expect(await query("notes:list")).toEqual([]);
  });

  it("in a nested mutation is an error to its caller", async () => {
    const { mutation } = await startRules();
    expect(await mutation("order:callsStuck")).toBe(never);
  });

  it("is not mistaken for cryptography that takes a while", async () => {
    const { query } = await startRules();
    expect(await query("order:slow")).toBe(8);
  });
});
