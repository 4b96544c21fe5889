/**
 * Finds where literals, quoted names and comments end. Each function looks at every character once, takes the position
 * behind the opening mark, and answers with the position behind the closing one, or with {@link UNTERMINATED}.
 */
import type { DialectTraits } from "./dialects.js";

/** There is no end: the statement was cut, or is none. */
export const UNTERMINATED = -1;

const BACKSLASH = 0x5c;
const NEWLINE = 0x0a;
const RETURN = 0x0d;
const SLASH = 0x2f;
const STAR = 0x2a;
const SPACE = 0x20;

/** The end of what `quote` closes; doubled, it stands for itself. */
export function endOfQuoted(sql: string, at: number, end: number, quote: number): number {
  for (; at < end; at++) {
    if (sql.charCodeAt(at) !== quote) continue;
    if (sql.charCodeAt(at + 1) !== quote || at + 1 === end) return at + 1;
    at++;
  }
  return UNTERMINATED;
}

/** The same for strings, in which a backslash may escape. */
export function endOfString(
  sql: string,
  at: number,
  end: number,
  quote: number,
  backslash: DialectTraits["backslash"],
): number {
  if (backslash === "plain") return endOfQuoted(sql, at, end, quote);
  for (; at < end; at++) {
    const code = sql.charCodeAt(at);
    if (code === BACKSLASH) {
      at++;
      // Either reading could be right, and the wrong one takes the rest of the statement inside out.
      if (backslash === "unknown" && sql.charCodeAt(at) === quote) return UNTERMINATED;
    } else if (code === quote) {
      if (sql.charCodeAt(at + 1) !== quote || at + 1 === end) return at + 1;
      at++;
    }
  }
  return UNTERMINATED;
}

const CLOSING: Readonly<Record<string, string>> = { "[": "]", "(": ")", "{": "}", "<": ">" };

/** The end of a string of Oracle's kind, `q'[…]'`; `at` is the position of its delimiter. */
export function endOfAlternative(sql: string, at: number, end: number): number {
  const delimiter = sql.charAt(at);
  return behind(sql, `${CLOSING[delimiter] ?? delimiter}'`, at + 1, end);
}

/** The position behind the next `mark`. */
export function behind(sql: string, mark: string, at: number, end: number): number {
  const found = sql.indexOf(mark, at);
  return found < 0 || found + mark.length > end ? UNTERMINATED : found + mark.length;
}

/** The end of a line, which belongs to what follows. */
export function endOfLine(sql: string, at: number, end: number): number {
  for (; at < end; at++) {
    const code = sql.charCodeAt(at);
    if (code === NEWLINE || code === RETURN) break;
  }
  return at;
}

/** The end of a block comment. */
export function endOfComment(sql: string, at: number, end: number, isNested: boolean): number {
  let depth = 1;
  for (; at + 1 < end; at++) {
    const code = sql.charCodeAt(at);
    if (code === STAR && sql.charCodeAt(at + 1) === SLASH) {
      at++;
      if (--depth === 0) return at + 1;
    } else if (isNested && code === SLASH && sql.charCodeAt(at + 1) === STAR) {
      at++;
      depth++;
    }
  }
  return UNTERMINATED;
}

/** Whether `--` at `at` starts a comment. */
export function isDashComment(sql: string, at: number, end: number, dashes: DialectTraits["dashes"]): boolean {
  return dashes === "comment" || at + 2 >= end || sql.charCodeAt(at + 2) <= SPACE;
}
