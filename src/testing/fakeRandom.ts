/**
 * Random numbers that are the same in every run, so that a test can state the ids it expects. Counts its draws, since
 * how many random numbers a call takes is part of its behaviour: Convex replays the random stream of mutations.
 */
import type { Random } from "../core/ports.js";

/** A {@link Random} in the hands of a test. */
export interface FakeRandom extends Random {
  /** How many numbers were drawn so far. */
  readonly draws: number;
}

/**
 * Makes a {@link FakeRandom}: the mulberry32 generator, which visits every 32-bit state once.
 *
 * @param seed - Selects the sequence; taken modulo 2^32. Default 1.
 * @throws TypeError if the seed is not an integer.
 *
 * @example
 * ```ts
 * import { fakeRandom } from "convex-otel/testing";
 *
 * const random = fakeRandom(42);
 * console.log(random.uint32() === fakeRandom(42).uint32()); // true
 * ```
 */
export function fakeRandom(seed = 1): FakeRandom {
  if (!Number.isSafeInteger(seed)) throw new TypeError(`fakeRandom: seed is ${String(seed)}; give an integer`);
  let state = seed >>> 0;
  let draws = 0;
  return {
    uint32() {
      draws += 1;
      state = (state + 0x6d2b79f5) >>> 0;
      return mulberry32(state);
    },
    get draws() {
      return draws;
    },
  };
}

/** The output function of mulberry32; constants by its author, Tommy Ettinger (public domain). */
function mulberry32(state: number): number {
  let mixed = Math.imul(state ^ (state >>> 15), state | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return (mixed ^ (mixed >>> 14)) >>> 0;
}
