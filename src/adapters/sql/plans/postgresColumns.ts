/** The columns that a condition of a plan of Postgres reads, as it writes it down: `((l.material)::text = ?::text)`. */

/**
 * A type behind `::`, which may be of two words and have a length; a member of what is in parentheses; a name, with what qualifies it, and the parenthesis that makes
 * it a function.
 */
const PART =
  /::\s*(?:"[^"]*"|[a-z_][\w$]*)(?:\.(?:"[^"]*"|[a-z_][\w$]*))*(?: (?:varying|precision|with(?:out)? time zone))?(?:\([^)]*\))?(?:\[\])*|\)\.[\w$]+|((?:(?:"(?:[^"]|"")*"|[a-z_\u0080-\uffff][\w$\u0080-\uffff]*)\.)*(?:"(?:[^"]|"")*"|[a-z_\u0080-\uffff][\w$\u0080-\uffff]*))(\s*\()?/gi;

/** Words that no column can be called without quotation marks. All other words of Postgres have capitals, as names in quotes only. */
const LOWER_WORDS = new Set(["null", "true", "false", "hashed"]);

/** The columns, each once, in the order of their names. */
export function columnsIn(condition: string): readonly string[] {
  const columns = new Set<string>();
  for (const [, name, call] of condition.matchAll(PART)) {
    if (name === undefined || call !== undefined || LOWER_WORDS.has(name)) continue;
    if (!name.includes('"') && /[A-Z]/.test(name)) continue;
    const column = /(?:"(?:[^"]|"")*"|[^."]+)$/.exec(name)?.[0] ?? name;
    columns.add(column);
  }
  return [...columns].sort();
}
