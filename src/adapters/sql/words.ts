/** Reads words and quoted names, and hashes them on the way: the one loop over characters that all the others wait for. */
import type { DialectTraits } from "./dialects.js";
import { WORD_PRIME, WORD_SEED_A, WORD_SEED_B } from "./hash.js";
import { endOfQuoted, endOfString, UNTERMINATED } from "./literals.js";

const ASCII = 0x80;
const DOUBLE_QUOTE = 0x22;

/** Reads the words of one statement. */
export class Words {
  /** The hash of the last word that was read. */
  laneA = 0;
  laneB = 0;
  readonly #sql: string;
  readonly #end: number;
  readonly #folds: Uint8Array;
  readonly #backslash: DialectTraits["backslash"];

  constructor(sql: string, end: number, { folds, backslash }: DialectTraits) {
    this.#sql = sql;
    this.#end = end;
    this.#folds = folds;
    this.#backslash = backslash;
  }

  /** Reads an unquoted word, which is hashed in lower case; returns its end. */
  read(start: number): number {
    const sql = this.#sql;
    const end = this.#end;
    const folds = this.#folds;
    let a = WORD_SEED_A;
    let b = WORD_SEED_B;
    let at = start;
    for (; at < end; at++) {
      let code = sql.charCodeAt(at);
      if (code < ASCII) {
        code = folds[code] ?? 0;
        if (code === 0) break;
      }
      a = Math.imul(a ^ code, WORD_PRIME);
      b = (b + a) | 0;
    }
    this.laneA = a;
    this.laneB = b;
    return at;
  }

  /** Reads what the quote at `start` opens, and hashes what is in it as it is; returns its end, or UNTERMINATED. */
  readQuoted(start: number, closing: number): number {
    const sql = this.#sql;
    const end =
      closing === DOUBLE_QUOTE
        ? endOfString(sql, start + 1, this.#end, closing, this.#backslash)
        : endOfQuoted(sql, start + 1, this.#end, closing);
    if (end === UNTERMINATED) return end;
    let a = WORD_SEED_A;
    let b = WORD_SEED_B;
    for (let at = start + 1; at < end - 1; at++) {
      a = Math.imul(a ^ sql.charCodeAt(at), WORD_PRIME);
      b = (b + a) | 0;
    }
    this.laneA = a;
    this.laneB = b;
    return end;
  }
}
