/** Places for values that are passed apart from the statement: `?`, `?1`, `$1`, `:name`, `@p`. They hold no data and stay. */
import { classOf, DIGIT, DOLLAR as DOLLAR_SIGN, LETTER } from "./characters.js";
import type { DialectTraits } from "./dialects.js";

const DOLLAR = 0x24;
const COLON = 0x3a;
const QUESTION = 0x3f;
const AT = 0x40;

/**
 * The end of the parameter that starts at `at`; `at` itself if none does.
 *
 * @param isAfterOperand - behind an operand, `?` and `:` can be operators
 */
export function endOfParameter(
  sql: string,
  at: number,
  end: number,
  traits: DialectTraits,
  isAfterOperand: boolean,
): number {
  const next = at + 1 < end ? classOf(sql.charCodeAt(at + 1)) : undefined;
  switch (sql.charCodeAt(at)) {
    case QUESTION:
      if (isAfterOperand && traits.question === "operator") return at;
      return next === DIGIT ? endOfWord(sql, at + 1, end) : at + 1;
    case COLON:
      // `a[1:2]` is a slice, and `a::b`, `a := b` have no parameter.
      return next === LETTER || (next === DIGIT && !isAfterOperand) ? endOfWord(sql, at + 1, end) : at;
    case AT:
      return next === LETTER || next === DIGIT ? endOfWord(sql, at + 1, end) : at;
    case DOLLAR:
      return next === LETTER || next === DIGIT ? endOfWord(sql, at + 1, end) : at;
    default:
      return at;
  }
}

/** The position behind the letters and digits at `at`. */
export function endOfWord(sql: string, at: number, end: number): number {
  for (; at < end; at++) {
    const type = classOf(sql.charCodeAt(at));
    if (type !== LETTER && type !== DIGIT && type !== DOLLAR_SIGN) break;
  }
  return at;
}
