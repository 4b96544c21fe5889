/** The columns that a condition of a plan reads, as Postgres writes it down: `((l.material)::text = ?::text)`. */

/**
 * A type behind `::`, which may be of two words and have a length; a name, with what qualifies it, and the parenthesis that makes
 * it a function.
 */
const PART =
  /::\s*(?:"[^"]*"|[a-z_][\w$]*)(?:\.(?:"[^"]*"|[a-z_][\w$]*))*(?: (?:varying|precision|with(?:out)? time zone))?(?:\([^)]*\))?(?:\[\])*|((?:(?:"(?:[^"]|"")*"|[a-z_\u0080-\uffff][\w$\u0080-\uffff]*)\.)*(?:"(?:[^"]|"")*"|[a-z_\u0080-\uffff][\w$\u0080-\uffff]*))(\s*\()?/gi;

/** Words that Postgres writes between them: in capitals, where names in capitals are quoted. */
const WORD = /^[A-Z_]+$/;

/** Words that it writes in small letters, and that no column can be called without quotation marks. */
const LOWER_WORDS = new Set(["null", "true", "false", "hashed"]);

/** The columns, each once, in the order of their names. */
export function columnsIn(condition: string): readonly string[] {
  const columns = new Set<string>();
  for (const [, name, call] of condition.matchAll(PART)) {
    if (name === undefined || call !== undefined || WORD.test(name) || LOWER_WORDS.has(name)) continue;
    const column = /(?:"(?:[^"]|"")*"|[^."]+)$/.exec(name)?.[0] ?? name;
    columns.add(column);
  }
  return [...columns].sort();
}
