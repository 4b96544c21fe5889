/** What quotes a name: double quotes, backticks or brackets, as the dialect has it. */
import type { DialectTraits } from "./dialects.js";

const DOUBLE_QUOTE = 0x22;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const BACKTICK = 0x60;

/** What stands between `[` and `]` where it is a name, if brackets can be something else. */
const BRACKETED_NAME = /\[[a-z_][\w $#@.-]*\]/iy;
/** Behind these, a bracket is an index. */
const INDEXED = /[\w$)\]"`'\u0080-\uffff]/;

/** What closes the quoted name that `code` opens at `at`; 0 if it opens none. */
export function closingOfName(sql: string, at: number, code: number, traits: DialectTraits): number {
  if (code === DOUBLE_QUOTE) return traits.doubleQuotes === "string" ? 0 : DOUBLE_QUOTE;
  if (code === BACKTICK) return traits.backticks ? BACKTICK : 0;
  if (code !== OPEN_BRACKET || traits.brackets === "index") return 0;
  return traits.brackets === "name" || isBracketedName(sql, at) ? CLOSE_BRACKET : 0;
}

/** Whether brackets at `at` are around a name, in a dialect that nobody knows, and not around an index or values. */
function isBracketedName(sql: string, at: number): boolean {
  BRACKETED_NAME.lastIndex = at;
  return !(at > 0 && INDEXED.test(sql.charAt(at - 1))) && BRACKETED_NAME.test(sql);
}
