/**
 * The random numbers of one call. Convex seeds a generator for each execution, and takes `Math.random` and the random
 * parts of `crypto` from it (`crates/isolate/src/ops/{random,crypto}.rs` of get-convex/convex-backend).
 */
import { fakeRandom } from "../fakeRandom.js";

/** A generator. */
export interface SeededRandom {
  /** As `Math.random`. */
  number(): number;
  /** Fills an array of bytes. */
  fill(bytes: Uint8Array): void;
}

/** Starts a generator. */
export function seededRandom(seed: number): SeededRandom {
  const source = fakeRandom(seed);
  return {
    // 53 bits: as many as the fraction of a double holds.
    number: () => ((source.uint32() >>> 5) * 2 ** 26 + (source.uint32() >>> 6)) / 2 ** 53,
    fill(bytes) {
      for (let index = 0; index < bytes.length; index++) bytes[index] = source.uint32() & 0xff;
    },
  };
}

/** A seed for the call of that number. Neighbouring numbers give seeds that have nothing in common. */
export function callSeed(seed: number, call: number): number {
  // 2^32 divided by the golden ratio, the usual odd step of Weyl sequences.
  return fakeRandom((seed ^ Math.imul(call, 0x9e3779b1)) >>> 0).uint32();
}

/** A version 4 UUID from random bytes (RFC 9562 §5.4). */
export function uuid(random: SeededRandom): string {
  const bytes = new Uint8Array(16);
  random.fill(bytes);
  const [version = 0, variant = 0] = [bytes[6], bytes[8]];
  bytes[6] = (version & 0x0f) | 0x40;
  bytes[8] = (variant & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
