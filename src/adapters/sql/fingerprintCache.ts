/**
 * Remembers the fingerprints of statements that come again. Bounded in bytes, not in entries, since statements of a megabyte
 * exist. Two generations instead of a list by age: a statement that was used while the young generation filled up moves on with it,
 * the others are forgotten together, and no operation takes more than two look-ups.
 */
import type { SqlFingerprint } from "./fingerprintSql.js";

/** What JavaScript strings take for each character, at most. */
const BYTES_PER_CHARACTER = 2;

/** About what an entry takes besides its texts: its object, its slot in the map, the headers of its strings. */
const ENTRY_BYTES = 200;

/** A statement that alone would fill this part of a generation is read anew each time. */
const LARGEST_SHARE = 1 / 8;

/** Fingerprints by statement. */
export class FingerprintCache {
  readonly #generationBytes: number;
  #young = new Map<string, SqlFingerprint>();
  #old = new Map<string, SqlFingerprint>();
  #youngBytes = 0;

  /** @param maxBytes - of statements and results together */
  constructor(maxBytes: number) {
    this.#generationBytes = maxBytes / 2;
  }

  get(sql: string): SqlFingerprint | undefined {
    const young = this.#young.get(sql);
    if (young !== undefined) return young;
    const old = this.#old.get(sql);
    if (old !== undefined) this.add(sql, old);
    return old;
  }

  add(sql: string, result: SqlFingerprint): void {
    const bytes = sizeOf(sql, result);
    if (bytes > this.#generationBytes * LARGEST_SHARE) return;
    if (this.#youngBytes + bytes > this.#generationBytes) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#youngBytes = 0;
    }
    this.#young.set(sql, result);
    this.#youngBytes += bytes;
  }
}

function sizeOf(sql: string, { text, summary }: SqlFingerprint): number {
  const ownText = text === sql ? 0 : text.length;
  return ENTRY_BYTES + BYTES_PER_CHARACTER * (sql.length + ownText + (summary?.length ?? 0));
}
