/**
 * The clocks of the function types. In a query all time stands still; in a mutation `Date` does and `performance.now()` goes
 * on; in an action both go on. Source: `crates/isolate/src/environment/udf/phase.rs` and `helpers/performance.rs` of
 * get-convex/convex-backend.
 */
import type { StrictFunctionType } from "./types.js";

/** Where real time comes from. */
export interface TimeSource {
  /** Milliseconds since the Unix epoch. */
  wall(): number;
  /** Milliseconds since some moment; only differences count. */
  monotonic(): number;
}

/** The clock of one call, in milliseconds. */
export interface StrictClock {
  /** What `Date.now()` gives. */
  date(): number;
  /** What `performance.now()` gives: the time since the deploy, in tenths of a millisecond. */
  performance(): number;
}

// Captured before fake timers: they stop it, and then no mutation would take any time.
const monotonic = performance.now.bind(performance);
const { timeOrigin } = performance;

/** Milliseconds since the Unix epoch, with fractions, whatever a test has done to its clock. */
export function realTime(): number {
  return timeOrigin + monotonic();
}

/** Real time, or a test's. */
export function timeSource(now: (() => number) | undefined): TimeSource {
  return now === undefined ? { wall: () => Date.now(), monotonic } : { wall: now, monotonic: now };
}

/**
 * Starts the clock of a call.
 *
 * @param startMs - `Date.now()` at the beginning of the outermost query or mutation. A nested mutation starts again from
 * there: its `performance.now()` is behind its caller's.
 */
export function startClock(
  type: StrictFunctionType,
  startMs: number,
  deployedMs: number,
  time: TimeSource,
): StrictClock {
  const begin = time.monotonic();
  const atStart = startMs - deployedMs;
  const running = (): number => Math.floor((atStart + (time.monotonic() - begin)) * 10) / 10;
  switch (type) {
    case "query":
      return { date: () => startMs, performance: () => atStart };
    case "mutation":
      return { date: () => startMs, performance: running };
    case "action":
    case "httpAction":
      return { date: () => Math.floor(time.wall()), performance: running };
  }
}

/** The clock while modules are evaluated: fixed at the moment of the deploy. */
export function importClock(deployedMs: number): StrictClock {
  return { date: () => deployedMs, performance: () => 0 };
}
