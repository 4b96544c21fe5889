/** Runs the scheduled functions of an app under test. */
import type { GenericSchema, SchemaDefinition } from "convex/server";
import type { TestConvex } from "convex-test";
import { vi } from "vitest";

type Tests<Schema extends GenericSchema> = TestConvex<SchemaDefinition<Schema, boolean>>;

/** All jobs of an app, ended or not. */
export function jobsOf<Schema extends GenericSchema>(t: Tests<Schema>) {
  return t.run((ctx) => ctx.db.system.query("_scheduled_functions").collect());
}

/** Jobs that are due later than this are not waited for. */
const SOON_MS = 1000;

/** Waits, in real time, until no job is due any more. */
export async function settle<Schema extends GenericSchema>(t: Tests<Schema>): Promise<void> {
  for (let round = 0; round < 500; round++) {
    await new Promise((resolve) => setTimeout(resolve, 1));
    await t.finishInProgressScheduledFunctions();
    const soon = Date.now() + SOON_MS;
    const open = (await jobsOf(t)).filter(
      ({ state, scheduledTime }) => state.kind === "inProgress" || (state.kind === "pending" && scheduledTime <= soon),
    );
    if (open.length === 0) return;
  }
  throw new Error("scheduled functions did not end");
}

/**
 * Runs all jobs, however late they are due, on fake timers. While a job runs the clock stands still: convex-test's own
 * `finishAllScheduledFunctions` moves it then too, and no request would be answered in time.
 *
 * @param before - Called before the clock moves to the next job, with 1, 2, …
 */
export async function runOut<Schema extends GenericSchema>(
  t: Tests<Schema>,
  before: (round: number) => void = () => undefined,
): Promise<void> {
  for (let round = 1; round <= 100; round++) {
    await t.finishInProgressScheduledFunctions();
    const pending = (await jobsOf(t)).filter(({ state }) => state.kind === "pending");
    if (pending.length === 0) return;
    before(round);
    const due = Math.min(...pending.map(({ scheduledTime }) => scheduledTime));
    // A timer of 0 that is set while the clock moves is due a millisecond later.
    await vi.advanceTimersByTimeAsync(Math.max(1, Math.ceil(due - Date.now())));
  }
  throw new Error("scheduled functions did not end");
}
