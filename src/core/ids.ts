/** Trace and span ids, from the random port. Never made at module load: Convex fixes random numbers there per deploy. */
import type { Random } from "./ports.js";

/** The character code of one hex digit: 0-9, and a-f, which come 39 places later. No condition: digits are random. */
function digitAt(word: number, shift: number): number {
  const digit = (word >>> shift) & 15;
  return digit + 48 + (((9 - digit) >> 4) & 39);
}

/**
 * Sixteen lower-case hex digits of two unsigned 32-bit integers. All in one call: `toString(16).padStart(8, "0")` takes
 * twenty times as long, joining single digits four times, and a table would be built anew on every Convex call.
 */
export function hex64(high: number, low: number): string {
  return String.fromCharCode(
    digitAt(high, 28),
    digitAt(high, 24),
    digitAt(high, 20),
    digitAt(high, 16),
    digitAt(high, 12),
    digitAt(high, 8),
    digitAt(high, 4),
    digitAt(high, 0),
    digitAt(low, 28),
    digitAt(low, 24),
    digitAt(low, 20),
    digitAt(low, 16),
    digitAt(low, 12),
    digitAt(low, 8),
    digitAt(low, 4),
    digitAt(low, 0),
  );
}

/** A trace id: 128 random bits, so the W3C "random" flag may be set. Never all zero. */
export function newTraceId(random: Random): string {
  return hex64(random.uint32(), random.uint32()) + newSpanId(random);
}

/** A span id: 64 random bits. Never all zero, which W3C Trace Context declares invalid. */
export function newSpanId(random: Random): string {
  return spanIdOf(random.uint32(), random.uint32());
}

function spanIdOf(high: number, low: number): string {
  return hex64(high, high === 0 && low === 0 ? 1 : low);
}

/** A random (version 4) UUID from the random port. */
export function newUuid(random: Random): string {
  return newTraceId(random).replace(/(.{8})(....).(...).(...)/, "$1-$2-4$3-8$4-");
}

/**
 * Trace and span id derived from a text, the same wherever they are derived: of a scheduled function that was given no
 * carrier, both sides know the job's id and nothing else. Not random, and no secret: a plain 32-bit multiply-xor hash
 * (the finalizer of MurmurHash3) with six seeds.
 */
export function derivedIds(text: string): { readonly traceId: string; readonly spanId: string } {
  const traceId = hex64(hash32(text, 0), hash32(text, 1)) + hex64(hash32(text, 2), hash32(text, 3));
  return { traceId, spanId: spanIdOf(hash32(text, 4), hash32(text, 5)) };
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
