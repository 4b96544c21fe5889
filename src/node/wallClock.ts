/**
 * The time of spans on a server. By `Date.now()`, to the millisecond, spans that start within the same one have no order, and a
 * child may seem to end after its parent. So all times are those of one clock that is as fine as `performance.now()` and
 * follows the system's.
 */
import type { Clock } from "../core/ports.js";

/** How far the two clocks may drift apart, in milliseconds, before the system's is believed: after sleep, or when it is set. */
const MAX_DRIFT_MS = 100;

/**
 * How long the system's clock is not looked at again, in milliseconds. A busy server asks for the time many times in each, and
 * half of what that takes is this look.
 */
const UNCHECKED_MS = 1;

/** The clock of one process. */
export interface WallClock extends Clock {
  /** The time of a moment of `performance.now()`. */
  at(elapsed: number): number;
}

/** A clock for one process. */
export function wallClock(wall: () => number = Date.now, fine: () => number = () => performance.now()): WallClock {
  let checked = fine();
  let offset = wall() - checked;
  return {
    now() {
      const elapsed = fine();
      if (elapsed - checked >= UNCHECKED_MS) {
        checked = elapsed;
        const system = wall();
        if (Math.abs(system - (elapsed + offset)) > MAX_DRIFT_MS) offset = system - elapsed;
      }
      return elapsed + offset;
    },
    at: (elapsed) => elapsed + offset,
  };
}
