/**
 * Where `"x"` stands for a name, and where for a string, in the dialects that allow both: SQLite, which takes it for a string
 * when there is no such name, and dialects that are not known. Only its place can tell. A string taken for a name would leak,
 * so a place counts as one of names only if a string makes little sense there.
 */
import type { DialectTraits } from "./dialects.js";
import {
  AGGREGATE,
  AND,
  BETWEEN,
  DEFINE,
  DISTINCT,
  INSERT,
  INTO,
  NAME_FOLLOWS,
  NAME_LIST_FOLLOWS,
  OPERAND_FOLLOWS,
  PLAIN,
  REPLACE,
  roleOf,
  SELECT,
  VALUES,
} from "./keywords.js";
import type { Summary } from "./summary.js";

/** Follows the tokens of a statement, and answers for the place it has come to. */
export class QuotedWords {
  readonly #summary: Summary;
  /** Whether the items of a SELECT are taken for names. */
  readonly #isLenient: boolean;
  /** Whether a lone `"x"` would be a name as the next token, unless that is an operand's to say. */
  #isName = false;
  /** The last token was an operand: what follows it is told when it is asked, which it seldom is. */
  #isAfterOperand = false;
  /** The same for the items of the list that is being read. */
  #listsNames = true;
  /** The keyword that was the last token; PLAIN if it was none. */
  #keyword = PLAIN;
  #isAfterWord = false;
  #isBetween = false;
  readonly #outer: boolean[] = [];

  constructor(summary: Summary, doubleQuotes: DialectTraits["doubleQuotes"]) {
    this.#summary = summary;
    this.#isLenient = doubleQuotes === "lenient";
  }

  /** Whether `"x"`, with no dot beside it, is a name here. */
  get isName(): boolean {
    return this.#isPlaceOfName || this.#summary.expectsTarget;
  }

  get #isPlaceOfName(): boolean {
    if (!this.#isAfterOperand) return this.#isName;
    // What follows an operand directly is an alias, or a part of a definition.
    return this.#isDefinition || (this.#isLenient && this.#summary.operation !== PLAIN);
  }

  keyword(keyword: number): void {
    const role = roleOf(keyword);
    this.#isAfterOperand = false;
    this.#isName = (keyword & NAME_FOLLOWS) !== 0;
    if (this.#isName || role === INTO) this.#listsNames = true;
    if (role === VALUES) this.#listsNames = false;
    if (role === SELECT) this.#listsNames = this.#isLenient;
    if (role === SELECT || role === DISTINCT) this.#isName = this.#listsNames;
    if (role === AND && this.#isBetween) this.#isName = false;
    if (role === BETWEEN || role === AND) this.#isBetween = role === BETWEEN;
    if ((keyword & (NAME_FOLLOWS | OPERAND_FOLLOWS)) === 0) this.#isName = this.#isDefinition;
    this.#keyword = keyword;
    this.#isAfterWord = true;
  }

  /** A name, literal or parameter. */
  operand(isWord: boolean): void {
    this.#isAfterOperand = true;
    this.#keyword = PLAIN;
    this.#isAfterWord = isWord;
  }

  operator(): void {
    this.#isAfterOperand = false;
    this.#isName = false;
    this.#keyword = PLAIN;
    this.#isAfterWord = false;
  }

  comma(): void {
    this.#isAfterOperand = false;
    this.#isName = this.#listsNames;
    this.#keyword = PLAIN;
    this.#isAfterWord = false;
  }

  open(): void {
    this.#outer.push(this.#listsNames);
    this.#listsNames = this.#opensNames();
    this.#isAfterOperand = false;
    this.#isName = this.#listsNames;
    this.#keyword = PLAIN;
    this.#isAfterWord = false;
  }

  close(): void {
    this.#listsNames = this.#outer.pop() ?? true;
    this.operand(false);
  }

  semicolon(): void {
    this.#outer.length = 0;
    this.#listsNames = true;
    this.operator();
  }

  get #isDefinition(): boolean {
    return this.#summary.operation === DEFINE;
  }

  /** Whether the list in parentheses that opens here is one of names. */
  #opensNames(): boolean {
    if (!this.#isAfterWord) return this.#isPlaceOfName;
    if ((this.#keyword & NAME_LIST_FOLLOWS) !== 0 || roleOf(this.#keyword) === AGGREGATE) return true;
    if ((this.#keyword & (NAME_FOLLOWS | OPERAND_FOLLOWS)) !== 0) return this.#isName;
    // `f(` is a call, but `INSERT INTO t (` and `CREATE INDEX i ON t (` list columns.
    const { operation } = this.#summary;
    return this.#listsNames && (operation === DEFINE || operation === INSERT || operation === REPLACE);
  }
}
