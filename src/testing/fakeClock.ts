/**
 * A clock that moves when the test says so. Real time makes span times, durations and the order of siblings differ from
 * run to run; this makes them part of what the test states.
 */
import type { Clock } from "../core/ports.js";

/** A {@link Clock} in the hands of a test. */
export interface FakeClock extends Clock {
  /** How often `now()` was called. Convex caches a query only if it never reads the clock: assert 0 there. */
  readonly reads: number;
  /** Moves the clock forward by `ms` milliseconds, which may have a fraction. */
  advance(ms: number): void;
  /** Sets the time, in milliseconds since the Unix epoch. May go back, to test code that must not trust a clock. */
  set(ms: number): void;
}

/** 2023-11-14T22:13:20.000Z: a round number of seconds, recognizable in failure messages. */
const DEFAULT_START = 1_700_000_000_000;

/**
 * Makes a {@link FakeClock}.
 *
 * @param startMs - The first time, in milliseconds since the Unix epoch. Default: 2023-11-14T22:13:20Z.
 * @param stepMs - How far each `now()` moves the clock on for the next one. Default 0: it stands still.
 * @throws TypeError if a number is not finite, or a step or advance is negative.
 *
 * @example
 * ```ts
 * import { fakeClock } from "convex-otel/testing";
 *
 * const clock = fakeClock(1_000);
 * clock.advance(250);
 * console.log(clock.now()); // 1250
 * ```
 */
export function fakeClock(startMs: number = DEFAULT_START, stepMs = 0): FakeClock {
  let time = finite("startMs", startMs);
  let reads = 0;
  const step = forward("stepMs", stepMs);
  return {
    now() {
      const now = time;
      time += step;
      reads += 1;
      return now;
    },
    get reads() {
      return reads;
    },
    advance(ms) {
      time += forward("advance(ms)", ms);
    },
    set(ms) {
      time = finite("set(ms)", ms);
    },
  };
}

function finite(what: string, value: number): number {
  if (Number.isFinite(value)) return value;
  throw new TypeError(`fakeClock: ${what} is ${String(value)}; give a finite number of milliseconds`);
}

function forward(what: string, value: number): number {
  if (finite(what, value) >= 0) return value;
  throw new TypeError(`fakeClock: ${what} is ${value}; give 0 or more, or use set(ms) to go back`);
}
