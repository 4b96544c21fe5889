/**
 * What a caller's transaction reads and writes through the component, call by call to Convex: the proof that callers cannot conflict,
 * since Convex retries a mutation only when something that it read was written.
 */
import { afterEach, expect, it, vi } from "vitest";
import { outboxApp } from "./outboxApp.js";
import { syscallsOf } from "./syscalls.js";

afterEach(() => vi.unstubAllGlobals());

it("a caller while nobody drains: one insert, one job, and a look on a snapshot", async () => {
  const { enqueue } = await outboxApp();
  expect(await syscallsOf(() => enqueue(["{}"]))).toEqual([
    "1.0/runUdf mutation",
    "1.0/insert texts",
    "1.0/runUdf snapshotQuery",
    "  1.0/queryStreamNext",
    "1.0/schedule",
  ]);
});

it("a caller while somebody drains, or will: one insert, and a look on a snapshot", async () => {
  const { enqueue, record, pass } = await outboxApp();
  await record(1);
  await pass(1_000);
  const one = ["1.0/runUdf mutation", "1.0/insert texts", "1.0/runUdf snapshotQuery"];
  // The runner, and that there is no second one.
  const look = ["  1.0/queryStreamNext", "  1.0/queryStreamNext"];
  expect(await syscallsOf(() => enqueue(["{}", "{}"]))).toEqual([...one, ...look, ...one, ...look]);
});
