/** Finds where a number ends, in all the ways that dialects write one: `.5`, `5.`, `1e-9`, `0xFF`, `0b1`, `0o7`, `1_000`. */
import { classOf, DIGIT } from "./characters.js";

const ZERO = 0x30;
const DOT = 0x2e;
const PLUS = 0x2b;
const MINUS = 0x2d;
const UNDERSCORE = 0x5f;
const CASE_BIT = 0x20;
const LETTERS_OF_RADIX = "xbo";
const LETTER_A = 0x61;
const LETTER_E = 0x65;
const LETTER_F = 0x66;

/** The end of the number that starts at `at`, with a digit or a dot. Letters behind it belong to something else. */
export function endOfNumber(sql: string, at: number, end: number): number {
  if (sql.charCodeAt(at) === ZERO && LETTERS_OF_RADIX.includes(sql.charAt(at + 1).toLowerCase() || " ")) {
    return behindHexadecimals(sql, at + 2, end);
  }
  const behindDigits = behindDecimals(sql, at, end);
  if (behindDigits >= end || (sql.charCodeAt(behindDigits) | CASE_BIT) !== LETTER_E) return behindDigits;
  const sign = sql.charCodeAt(behindDigits + 1);
  const exponent = behindDigits + (sign === PLUS || sign === MINUS ? 2 : 1);
  return isDigit(sql, exponent, end) ? behindDecimals(sql, exponent, end) : behindDigits;
}

/** Whether a number starts at `at`: a digit, or a dot before one. */
export function startsNumber(sql: string, at: number, end: number): boolean {
  return isDigit(sql, at, end) || (sql.charCodeAt(at) === DOT && isDigit(sql, at + 1, end));
}

function isDigit(sql: string, at: number, end: number): boolean {
  return at < end && classOf(sql.charCodeAt(at)) === DIGIT;
}

function behindDecimals(sql: string, at: number, end: number): number {
  for (; at < end; at++) {
    const code = sql.charCodeAt(at);
    if (classOf(code) !== DIGIT && code !== DOT && code !== UNDERSCORE) break;
  }
  return at;
}

function behindHexadecimals(sql: string, at: number, end: number): number {
  for (; at < end; at++) {
    const code = sql.charCodeAt(at);
    const letter = code | CASE_BIT;
    const isDigit = (letter >= LETTER_A && letter <= LETTER_F) || classOf(code) === DIGIT;
    if (!isDigit && code !== UNDERSCORE) break;
  }
  return at;
}
