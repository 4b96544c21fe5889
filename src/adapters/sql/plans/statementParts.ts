/**
 * The tables of a statement by the names that it gives them, and the columns of its conditions. Plans of MySQL name tables by
 * their aliases, and those of SQLite do not tell conditions: the statement has to.
 *
 * It reads the text, without literals and comments, of a statement that a database has taken, so words and quoted names are all
 * that is in it. It is no parser: what it misses is missing in the telemetry.
 */

/** What a statement says. */
export interface StatementParts {
  /** Tables by alias and by name, in lower case; undefined for a name of different tables in different places. */
  readonly tables: ReadonlyMap<string, string | undefined>;
  /** Columns behind WHERE, ON and USING. */
  readonly filtered: readonly ColumnName[];
}

/** A column as it is written: `p.name`. */
export interface ColumnName {
  /** The table or alias, in lower case. */
  readonly of: string | undefined;
  readonly column: string;
}

/** Reads a statement, in a single pass. */
export function statementParts(text: string): StatementParts {
  const parts = new Parts();
  for (const [symbol, name, call] of text.matchAll(TOKEN)) {
    if (name !== undefined) parts.name(name, call !== undefined);
    else if (symbol === "(") parts.open();
    else if (symbol === ")") parts.close();
    else if (symbol === ",") parts.comma();
  }
  return parts;
}

/** The names in a condition, qualified or not, words of SQL among them, but for those of functions. */
export function columnNames(condition: string): readonly ColumnName[] {
  return [...condition.matchAll(TOKEN)].flatMap(([, name, call]) =>
    name === undefined || call !== undefined ? [] : [columnName(name)],
  );
}

/** A name as one would write it: in quotes only where it needs them. */
export function written(name: string): string {
  return /^[\p{L}_][\p{L}\p{N}_$]*$/u.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

const PART = /`(?:[^`]|``)*`|"(?:[^"]|"")*"|\[[^[\]]*\]|[\p{L}_][\p{L}\p{N}_$]*/u.source;

/** A parameter; a name with what qualifies it, and the parenthesis that makes it a function; a character that matters. */
const TOKEN = new RegExp(`[:@$][\\p{L}\\p{N}_$]+|((?:${PART})(?:\\s*\\.\\s*(?:${PART}))*)(\\s*\\()?|[(),]`, "gu");

const PARTS = new RegExp(PART, "gu");

type Clause = "tables" | "condition" | "other";

/** What the words that start clauses are followed by. */
const CLAUSES: ReadonlyMap<string, Clause> = new Map<string, Clause>([
  ...wordsOf("from join straight_join").map((word) => [word, "tables"] as const),
  ...wordsOf("where on using").map((word) => [word, "condition"] as const),
  ...wordsOf("select values having group order limit offset window fetch for union intersect except").map(
    (word) => [word, "other"] as const,
  ),
]);

/** Words that are neither columns nor aliases, unless they are in quotes. */
const WORDS = new Set([
  ...wordsOf("and or not is null isnull notnull in like glob regexp rlike match between exists escape any all some"),
  ...wordsOf("case when then else end as cast collate binary div mod xor interval true false unknown distinct"),
  ...wordsOf(
    "left right inner cross natural full outer lateral only recursive with asc desc nulls first last over filter",
  ),
  ...wordsOf("from indexed by use force ignore index key partition current_date current_time current_timestamp"),
]);

/** Behind these, a name is one of a type or a collation. */
const BEFORE_TYPE = new Set(["as", "collate"]);

function wordsOf(list: string): readonly string[] {
  return list.split(" ");
}

/** A statement, or a part of it in parentheses. */
interface Level {
  clause: Clause;
  /** Whether it has a SELECT, without which FROM is part of a function: `EXTRACT(year FROM born)`. */
  isQuery: boolean;
  /** What the next name is, where there are tables: a table, an alias of this one, or nothing that matters. */
  expected: "table" | "nothing" | { readonly aliasOf: string };
}

function levelIn(clause: Clause): Level {
  return { clause, isQuery: false, expected: "table" };
}

/** Takes the tokens in their order. */
class Parts implements StatementParts {
  readonly tables = new Map<string, string | undefined>();
  readonly filtered: ColumnName[] = [];
  readonly #outer: Level[] = [];
  #level = levelIn("other");
  #lastWord = "";

  name(name: string, isCalled: boolean): void {
    const word = name.toLowerCase();
    const level = this.#level;
    const clause = this.#clauseAt(word);
    if (clause !== undefined) {
      this.#level = { clause, isQuery: level.isQuery || word === "select", expected: "table" };
      if (isCalled) this.open();
    } else if (isCalled) {
      // What a function in the place of a table is given are no tables, nor are the indexes of `FORCE INDEX (…)`.
      this.open(level.clause === "tables" ? "other" : level.clause);
    } else if (!WORDS.has(word)) {
      if (level.clause === "tables") this.#table(name);
      else if (level.clause === "condition" && !BEFORE_TYPE.has(this.#lastWord)) this.filtered.push(columnName(name));
    }
    this.#lastWord = word;
  }

  open(clause = this.#level.clause): void {
    this.#outer.push(this.#level);
    this.#level = levelIn(clause);
  }

  close(): void {
    this.#level = this.#outer.pop() ?? levelIn("other");
    // What was in the place of a table has an alias, too, which is that of no table.
    this.#level.expected = "nothing";
  }

  comma(): void {
    this.#level.expected = "table";
  }

  #clauseAt(word: string): Clause | undefined {
    const isOfFunction = !this.#level.isQuery || (this.#level.clause === "condition" && this.#lastWord === "distinct");
    return word === "from" && isOfFunction ? undefined : CLAUSES.get(word);
  }

  #table(name: string): void {
    const { expected } = this.#level;
    const last = partsOf(name).at(-1) ?? "";
    if (expected === "table") this.#add(last, last);
    else if (expected !== "nothing") this.#add(last, expected.aliasOf);
    this.#level.expected = expected === "table" ? { aliasOf: last } : "nothing";
  }

  #add(name: string, table: string): void {
    const key = name.toLowerCase();
    const isAnother = this.tables.has(key) && this.tables.get(key)?.toLowerCase() !== table.toLowerCase();
    this.tables.set(key, isAnother ? undefined : table);
  }
}

function columnName(name: string): ColumnName {
  const parts = partsOf(name);
  return { of: parts.at(-2)?.toLowerCase(), column: parts.at(-1) ?? "" };
}

/** The parts of a name, without their quotes. */
function partsOf(name: string): readonly string[] {
  return [...name.matchAll(PARTS)].map(([part]) => unquoted(part));
}

function unquoted(part: string): string {
  const quote = part.charAt(0);
  if (quote === "[") return part.slice(1, -1);
  return quote === "`" || quote === '"' ? part.slice(1, -1).replaceAll(quote + quote, quote) : part;
}
