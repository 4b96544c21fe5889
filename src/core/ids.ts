/** Trace and span ids, from the random port. Never made at module load: Convex fixes random numbers there per deploy. */
import type { Random } from "./ports.js";

const HEX_DIGITS = "0123456789abcdef";

/**
 * Eight lower-case hex digits of an unsigned 32-bit integer. Digit by digit, which is several times faster than
 * `toString(16).padStart(8, "0")`, and without the table of 256 pairs that would be built on every Convex call.
 */
export function hex32(value: number): string {
  let digits = "";
  for (let shift = 28; shift >= 0; shift -= 4) digits += HEX_DIGITS.charAt((value >>> shift) & 15);
  return digits;
}

/** A trace id: 128 random bits, so the W3C "random" flag may be set. Never all zero. */
export function newTraceId(random: Random): string {
  return hex32(random.uint32()) + hex32(random.uint32()) + newSpanId(random);
}

/** A span id: 64 random bits. Never all zero, which W3C Trace Context declares invalid. */
export function newSpanId(random: Random): string {
  const id = hex32(random.uint32()) + hex32(random.uint32());
  return id === "0000000000000000" ? "0000000000000001" : id;
}

/** A random (version 4) UUID from the random port. */
export function newUuid(random: Random): string {
  const a = hex32(random.uint32());
  const b = hex32(random.uint32());
  const c = hex32((random.uint32() & 0x3fffffff) | 0x80000000);
  return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-${c.slice(0, 4)}-${c.slice(4)}${hex32(random.uint32())}`;
}

/**
 * Trace and span id derived from a text, the same wherever they are derived: of a scheduled function that was given no
 * carrier, both sides know the job's id and nothing else. Not random, and no secret: a plain 32-bit multiply-xor hash
 * (the finalizer of MurmurHash3) with six seeds.
 */
export function derivedIds(text: string): { readonly traceId: string; readonly spanId: string } {
  const word = (index: number) => hex32(hash32(text, index));
  const spanId = word(4) + word(5);
  return {
    traceId: word(0) + word(1) + word(2) + word(3),
    spanId: /^0+$/.test(spanId) ? "0000000000000001" : spanId,
  };
}

function hash32(text: string, seed: number): number {
  let hash = Math.imul(seed + 1, 0x9e3779b1);
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x85ebca6b);
    hash ^= hash >>> 13;
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
