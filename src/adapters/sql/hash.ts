/**
 * The hash behind fingerprints: two lanes of 32 bits, each multiplied by a constant of its own for every character and every
 * token, and mixed into each other at the end. JavaScript has no 64-bit integers that are fast; `Math.imul` is, and the two
 * lanes are independent instructions, so the second one costs next to nothing. It is not cryptographic: a fingerprint
 * groups statements and protects nothing.
 *
 * The constants are odd, which makes each step a bijection, and are the multipliers of xxHash32 and of MurmurHash3. Changing any of this
 * changes every fingerprint, and so needs a new {@link FINGERPRINT_VERSION}.
 */

/** Stands before every fingerprint, so that stored ones are never compared with those of another algorithm. */
export const FINGERPRINT_VERSION = "v1:";

/** Where the hash of a word starts. */
export const WORD_SEED_A = 0x811c9dc5 | 0;
export const WORD_SEED_B = 0x9747b28c | 0;

/**
 * What lane A of a word is multiplied by for each character. Lane B adds up the states that lane A goes through: that is one
 * addition, and words that end in the same state have gone through others.
 */
export const WORD_PRIME = 0x9e3779b1 | 0;

const TOKEN_PRIME_A = 0xc2b2ae3d | 0;
const TOKEN_PRIME_B = 0x27d4eb2f | 0;

/** Adds a token's lane A to lane A of what came before it. */
export function mixA(lane: number, token: number): number {
  const mixed = Math.imul(lane ^ token, TOKEN_PRIME_A);
  return mixed ^ (mixed >>> 15);
}

/** Adds a token's lane B to lane B of what came before it. */
export function mixB(lane: number, token: number): number {
  const mixed = Math.imul(lane ^ token, TOKEN_PRIME_B);
  return mixed ^ (mixed >>> 13);
}

/** Lets every bit of a lane depend on every other (the finalizer of MurmurHash3). */
function finish(lane: number): number {
  let mixed = Math.imul(lane ^ (lane >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}

/** Crockford's base 32 in lower case: no letter in it is read as another. */
const DIGITS = Array.from("0123456789abcdefghjkmnpqrstvwxyz", (digit) => digit.charCodeAt(0));

function digit(value: number): number {
  return DIGITS[value & 31] ?? 0;
}

/** Both lanes as text: the version and 13 digits, 16 characters together. */
export function formatFingerprint(laneA: number, laneB: number): string {
  const high = finish(laneA ^ Math.imul(laneB, WORD_PRIME));
  const low = finish(laneB ^ Math.imul(high, TOKEN_PRIME_A));
  return (
    FINGERPRINT_VERSION +
    String.fromCharCode(
      digit(high >>> 27),
      digit(high >>> 22),
      digit(high >>> 17),
      digit(high >>> 12),
      digit(high >>> 7),
      digit(high >>> 2),
      digit((high << 3) | (low >>> 29)),
      digit(low >>> 24),
      digit(low >>> 19),
      digit(low >>> 14),
      digit(low >>> 9),
      digit(low >>> 4),
      digit(low << 1),
    )
  );
}
