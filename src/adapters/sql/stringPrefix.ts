/** Words that belong to the string behind them: `N'…'`, `q'[…]'`, `_utf8mb4'…'`. Others are its type, and stay. */
import type { DialectTraits } from "./dialects.js";
import { endOfAlternative, endOfString } from "./literals.js";

const QUOTE = 0x27;
const AMPERSAND = 0x26;
const PREFIX = /^(?:[ebnrx]|n?q|br|rb)$/;

/** Introducers name a character set. */
const LONGEST = 20;

/**
 * The end of the string whose prefix stands from `start` to `end`, UNTERMINATED if it has none; undefined if there is no
 * string, or the word before it is no prefix.
 */
export function endOfPrefixedString(
  sql: string,
  start: number,
  end: number,
  limit: number,
  traits: DialectTraits,
): number | undefined {
  if (end - start > LONGEST) return undefined;
  const prefix = sql.slice(start, end).toLowerCase();
  if (sql.charCodeAt(end) === AMPERSAND) {
    const isUnicode = prefix === "u" && sql.charCodeAt(end + 1) === QUOTE;
    return isUnicode ? endOfString(sql, end + 2, limit, QUOTE, traits.backslash) : undefined;
  }
  if (!PREFIX.test(prefix) && !(traits.introducers && prefix.startsWith("_"))) return undefined;
  if (traits.alternativeQuotes && prefix.endsWith("q")) return endOfAlternative(sql, end + 1, limit);
  const backslash = traits.escapeStrings && prefix === "e" ? "escape" : traits.backslash;
  return endOfString(sql, end + 1, limit, QUOTE, backslash);
}
