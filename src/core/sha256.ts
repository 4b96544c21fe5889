/**
 * SHA-256 (FIPS 180-4) of a text, synchronously and on any platform: Web Crypto only has it as a promise, and Convex's
 * default runtime has no `node:crypto`. For names that must not be readable in telemetry, not for secrets.
 */

/** Bits of the fractional part of the roots of the first 64 primes, as the standard defines its constants. */
interface Constants {
  /** Of the square roots of the first eight. */
  readonly start: Int32Array;
  /** Of the cube roots of all 64. */
  readonly rounds: Int32Array;
}

let constants: Constants | undefined;

/** Computed when first needed: module-level work is paid on every Convex call. */
function makeConstants(): Constants {
  const primes: number[] = [];
  for (let n = 2; primes.length < 64; n += 1) if (primes.every((prime) => n % prime !== 0)) primes.push(n);
  const fraction = (root: number): number => Math.floor((root % 1) * 2 ** 32) | 0;
  return {
    start: Int32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime))),
    rounds: Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime))),
  };
}

/** The first `digits` lower-case hex digits, at most 64, of the SHA-256 of the text's UTF-8 (or of the bytes). */
export function sha256Hex(input: string | Uint8Array, digits = 64): string {
  const { start, rounds } = (constants ??= makeConstants());
  const bytes = typeof input === "string" ? new TextEncoder().encode(input) : input;
  const words = padded(bytes);
  const state = start.slice();
  const schedule = new Int32Array(64);
  for (let block = 0; block < words.length; block += 16) {
    schedule.set(words.subarray(block, block + 16));
    expand(schedule);
    compress(state, schedule, rounds);
  }
  let hex = "";
  for (let i = 0; hex.length < digits && i < 8; i += 1) hex += ((state[i] ?? 0) >>> 0).toString(16).padStart(8, "0");
  return hex.slice(0, digits);
}

/** The message as big-endian words: a one bit, zeros, and the length in bits at the end of the last block. */
function padded(bytes: Uint8Array): Int32Array {
  const words = new Int32Array(((bytes.length + 8) >> 6) * 16 + 16);
  for (let i = 0; i < bytes.length; i += 1) put(words, i, bytes[i] ?? 0);
  put(words, bytes.length, 0x80);
  words[words.length - 2] = Math.floor(bytes.length / 2 ** 29);
  words[words.length - 1] = bytes.length << 3;
  return words;
}

function put(words: Int32Array, position: number, byte: number): void {
  const index = position >> 2;
  words[index] = (words[index] ?? 0) | (byte << (24 - 8 * (position & 3)));
}

function expand(schedule: Int32Array): void {
  for (let t = 16; t < 64; t += 1) {
    const a = schedule[t - 15] ?? 0;
    const b = schedule[t - 2] ?? 0;
    const s0 = rotate(a, 7) ^ rotate(a, 18) ^ (a >>> 3);
    const s1 = rotate(b, 17) ^ rotate(b, 19) ^ (b >>> 10);
    schedule[t] = ((schedule[t - 16] ?? 0) + s0 + (schedule[t - 7] ?? 0) + s1) | 0;
  }
}

type Eight = [number, number, number, number, number, number, number, number];

function compress(state: Int32Array, schedule: Int32Array, rounds: Int32Array): void {
  let [a, b, c, d, e, f, g, h] = Array.from(state) as Eight;
  for (let t = 0; t < 64; t += 1) {
    const big1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const t1 = (h + big1 + ((e & f) ^ (~e & g)) + (rounds[t] ?? 0) + (schedule[t] ?? 0)) | 0;
    const big0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const t2 = (big0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  const sums = [a, b, c, d, e, f, g, h];
  for (let i = 0; i < 8; i += 1) state[i] = (state[i] ?? 0) + (sums[i] ?? 0);
}

function rotate(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}
