/** White space and comments: what lies between tokens and says nothing. */
import { classOf, SPACE } from "./characters.js";
import type { DialectTraits } from "./dialects.js";
import { endOfComment, endOfLine, isDashComment, UNTERMINATED } from "./literals.js";

const DASH = 0x2d;
const SLASH = 0x2f;
const STAR = 0x2a;
const HASH = 0x23;

/** `/*!`, `/*!50100` or `/*M!`, whose content MySQL or MariaDB runs. */
const EXECUTABLE = /\/\*M?!\d*/y;

/** Skips what says nothing. */
export class Gaps {
  readonly #sql: string;
  readonly #end: number;
  readonly #traits: DialectTraits;
  #isExecutable = false;
  #isUnterminated = false;

  constructor(sql: string, end: number, traits: DialectTraits) {
    this.#sql = sql;
    this.#end = end;
    this.#traits = traits;
  }

  /** Whether the last comment did not end. */
  get isUnterminated(): boolean {
    return this.#isUnterminated;
  }

  /** The position behind the white space at `at`. */
  behindSpace(at: number): number {
    while (at < this.#end && classOf(this.#sql.charCodeAt(at)) === SPACE) at++;
    return at;
  }

  /** The position behind the comment that starts at `at`; `at` itself if none does. */
  behindComment(at: number): number {
    const sql = this.#sql;
    const next = sql.charCodeAt(at + 1);
    switch (sql.charCodeAt(at)) {
      case DASH:
        if (next !== DASH || !isDashComment(sql, at, this.#end, this.#traits.dashes)) return at;
        return endOfLine(sql, at, this.#end);
      case HASH:
        return this.#traits.hash === "comment" ? endOfLine(sql, at, this.#end) : at;
      case SLASH:
        return next === STAR ? this.#behindBlock(at) : at;
      case STAR:
        if (next !== SLASH || !this.#isExecutable) return at;
        this.#isExecutable = false;
        return at + 2;
      default:
        return at;
    }
  }

  #behindBlock(at: number): number {
    if (this.#traits.executableComments) {
      EXECUTABLE.lastIndex = at;
      const [mark = ""] = EXECUTABLE.exec(this.#sql) ?? [];
      this.#isExecutable ||= mark !== "";
      if (mark !== "") return at + mark.length;
    }
    const end = endOfComment(this.#sql, at + 2, this.#end, this.#traits.nestedComments);
    this.#isUnterminated = end === UNTERMINATED;
    return this.#isUnterminated ? this.#end : end;
  }
}
