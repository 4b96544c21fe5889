/**
 * The summary of a statement (`db.query.summary`): its operations and their targets, in the order and spelling of the
 * statement. A small state machine over keywords, names, commas and parentheses; it sees no literal, so that none can get
 * into a span's name.
 *
 * The rules are those of the semantic conventions (docs/db/database-spans.md, "Generating a summary of the query"), where
 * they leave room as OpenTelemetry's instrumentation for Java reads them.
 */
import * as word from "./keywords.js";
import { ownCopy } from "./ownCopy.js";
import {
  canBeFollowedBySelect,
  canHoldSubquery,
  DEFINITION,
  expectedBehind,
  EXPRESSION,
  type Level,
  levelAt,
  NOTHING,
  OBJECT,
  TABLE,
} from "./summaryLevel.js";

/** Characters, by the semantic conventions. */
export const SUMMARY_LIMIT = 255;

/** Collects operations and targets. */
export class Summary {
  readonly #sql: string;
  #text = "";
  #separator = "";
  #isFull = false;
  #depth = 0;
  #level: Level = levelAt(0);
  #outer: Level[] = [];
  /** The last token opened a parenthesis. */
  #isAfterOpen = false;
  /** No word of the statement has been read. */
  #isAtStart = true;
  #lastRole = word.PLAIN;
  /** What is being defined cannot have a password. */
  #isPasswordSafe = false;
  /** Common table expressions, in lower case. */
  #expressions: Set<string> | undefined;

  /** @param sql - the statement that positions refer to */
  constructor(sql: string) {
    this.#sql = sql;
  }

  /** Whether the next name would become a target. */
  get expectsTarget(): boolean {
    return this.#level.expected !== NOTHING;
  }

  /** Whether the next name would become a target that is a table. */
  get expectsTable(): boolean {
    return this.#level.expected === TABLE;
  }

  /** The role of the keyword that started the statement, or the subquery that is being read; PLAIN if there was none. */
  get operation(): number {
    return this.#level.operation;
  }

  /** Whether the columns of a query are being read, outside of parentheses. */
  get isInSelectList(): boolean {
    const { operation, selectDepth, tablesDepth } = this.#level;
    return operation === word.SELECT && tablesDepth < 0 && selectDepth === this.#depth;
  }

  /** A name, with all of its parts: `"schema".table`. */
  name(start: number, end: number): void {
    this.#take(start, end);
    this.#afterWord(word.PLAIN);
  }

  /** A keyword, which can turn out to be used as a name. */
  keyword(role: number, start: number, end: number): void {
    this.#read(role, start, end);
    this.#afterWord(role);
  }

  /**
   * The word PASSWORD.
   *
   * @returns whether what follows is a secret
   */
  password(start: number, end: number): boolean {
    const { expected, operation } = this.#level;
    this.name(start, end);
    const isSecret = operation === word.ADMINISTER || (operation === word.DEFINE && !this.#isPasswordSafe);
    return isSecret && expected === NOTHING;
  }

  /** A literal; where a target should be, it takes the target's place and stays out. */
  literal(): void {
    this.#isAfterOpen = false;
    if (this.#depth === this.#level.depth) this.#level.expected = NOTHING;
  }

  comma(): void {
    const level = this.#level;
    this.#isAfterOpen = false;
    if (level.operation === word.SELECT && this.#depth === level.tablesDepth) level.expected = TABLE;
    if (level.operation === word.WITH && this.#depth === level.depth) level.expected = EXPRESSION;
  }

  open(): void {
    this.#depth++;
    this.#isAfterOpen = true;
  }

  close(): void {
    this.#depth--;
    this.#isAfterOpen = false;
    if (this.#depth < this.#level.depth) this.#level = this.#outer.pop() ?? this.#level;
  }

  /** The end of a statement. */
  semicolon(): void {
    if (this.#text !== "") this.#separator = "; ";
    this.#depth = 0;
    this.#level = levelAt(0);
    this.#outer = [];
    this.#isAfterOpen = false;
    this.#isAtStart = true;
    this.#expressions = undefined;
  }

  /** The summary; null if no operation was found. */
  finish(): string | null {
    return this.#text === "" ? null : ownCopy(this.#text, "", SUMMARY_LIMIT);
  }

  #afterWord(role: number): void {
    this.#lastRole = role;
    this.#isAfterOpen = false;
    this.#isAtStart = false;
  }

  #read(role: number, start: number, end: number): void {
    switch (role) {
      case word.SELECT:
      case word.VALUES:
      case word.WITH:
        return this.#startQuery(role, start, end);
      case word.FROM:
        return this.#from(start, end);
      case word.INTO:
        if (this.#level.operation === word.INSERT) this.#level.expected = TABLE;
        return;
      case word.JOIN:
        if (this.#level.operation === word.SELECT && this.#level.tablesDepth >= 0) this.#level.expected = TABLE;
        return;
      case word.TABLE:
      case word.OBJECT:
      case word.ACCOUNT:
        return this.#object(role, start, end);
      case word.TRANSACTION:
        return this.#level.operation === word.TRANSACT ? this.#append(start, end) : this.#take(start, end);
      case word.NEXT:
        // CALL NEXT VALUE FOR sequence
        if (this.#level.operation === word.CALL) this.#level.expected = NOTHING;
        else this.#take(start, end);
        return;
      case word.CLAUSE:
        return this.#clause(start, end);
      case word.MODIFIER:
      case word.REPLACE:
        if (this.#level.expected === DEFINITION) return;
        return role === word.REPLACE ? this.#operation(role, start, end) : this.#take(start, end);
      case word.AS:
      case word.SKIPPED:
      case word.NOT:
      case word.NOISE:
        return;
      default:
        return role >= word.INSERT && role <= word.EXPLAIN ? this.#operation(role, start, end) : this.#take(start, end);
    }
  }

  /** Words that can start a subquery. */
  #startQuery(role: number, start: number, end: number): void {
    if (this.#isAfterOpen && canHoldSubquery(this.#level.operation)) this.#enter();
    const level = this.#level;
    if (role === word.WITH) {
      const isPart = level.operation === word.INSERT || (level.operation === word.DEFINE && this.#lastRole === word.AS);
      if (level.operation !== word.PLAIN && !isPart) return;
      level.operation = word.WITH;
      level.expected = EXPRESSION;
    } else if (role === word.VALUES) {
      if (!this.#canStart()) return;
      level.operation = word.VALUES;
      if (this.#outer.length === 0) this.#append(start, end);
    } else if (this.#canStart() || canBeFollowedBySelect(level.operation)) {
      this.#select(start, end);
    }
  }

  #select(start: number, end: number): void {
    const level = this.#level;
    level.operation = word.SELECT;
    level.expected = NOTHING;
    level.selectDepth = this.#depth;
    level.tablesDepth = -1;
    this.#append(start, end);
  }

  #enter(): void {
    // A subquery takes the place of a table.
    this.#level.expected = NOTHING;
    this.#outer.push(this.#level);
    this.#level = levelAt(this.#depth);
  }

  #canStart(): boolean {
    const { operation, depth, expected } = this.#level;
    if (operation === word.PLAIN) return true;
    return operation === word.WITH && depth === this.#depth && expected !== EXPRESSION;
  }

  /** Words that start a statement. Elsewhere they are names. */
  #operation(role: number, start: number, end: number): void {
    if (this.#isAfterOpen && this.#level.operation === word.WITH) this.#enter();
    if (!this.#canStart()) return this.#take(start, end);
    if (role !== word.ADMINISTER) this.#append(start, end);
    if (role === word.EXPLAIN) return;
    this.#level.operation = role;
    this.#level.expected = expectedBehind(role);
    this.#isPasswordSafe = false;
  }

  #from(start: number, end: number): void {
    const level = this.#level;
    if (level.operation === word.PLAIN && this.#isAtStart) {
      // The query languages of Hibernate and DuckDB leave SELECT out.
      this.#appendText(this.#sql.charAt(start) === "F" ? "SELECT" : "select");
      level.operation = word.SELECT;
    }
    if (level.operation === word.DELETE && level.tablesDepth < 0) {
      level.expected = TABLE;
      level.tablesDepth = this.#depth;
    } else if (level.operation === word.SELECT) {
      // Neither EXTRACT(year FROM x) nor x IS DISTINCT FROM y.
      if (this.#depth !== level.selectDepth || this.#lastRole === word.DISTINCT) return;
      level.expected = TABLE;
      level.tablesDepth = this.#depth;
    } else this.#take(start, end);
  }

  #clause(start: number, end: number): void {
    const level = this.#level;
    if (level.expected !== NOTHING) return this.#take(start, end);
    if (level.operation === word.SELECT && this.#depth === level.tablesDepth) level.tablesDepth = -1;
    if (level.operation === word.CALL && this.#lastRole === word.PLAIN) level.expected = OBJECT;
  }

  /** TABLE, VIEW, USER …: part of the operation where one is defined, else a name. */
  #object(role: number, start: number, end: number): void {
    const { operation, expected } = this.#level;
    const isKind =
      expected === DEFINITION ||
      (role === word.TABLE && expected !== NOTHING && (operation === word.TRUNCATE || operation === word.LOCK));
    if (!isKind) return this.#take(start, end);
    this.#append(start, end);
    if (expected !== DEFINITION) return;
    this.#level.expected = OBJECT;
    this.#isPasswordSafe = role !== word.ACCOUNT;
  }

  /** A name: a target if one is expected. */
  #take(start: number, end: number): void {
    const { expected } = this.#level;
    if (expected === NOTHING) return;
    this.#level.expected = NOTHING;
    if (expected === EXPRESSION) {
      this.#expressions ??= new Set();
      this.#expressions.add(this.#sql.slice(start, end).toLowerCase());
    } else if (expected !== TABLE || !this.#isExpression(start, end)) this.#append(start, end);
  }

  #isExpression(start: number, end: number): boolean {
    return this.#expressions !== undefined && this.#expressions.has(this.#sql.slice(start, end).toLowerCase());
  }

  #append(start: number, end: number): void {
    if (!this.#isFull) this.#appendText(this.#sql.slice(start, end));
  }

  /** Adds an operation or a target; none at all once one did not fit. */
  #appendText(text: string): void {
    const separator = this.#text === "" ? "" : this.#separator || " ";
    this.#separator = "";
    this.#isFull ||= this.#text.length + separator.length + text.length > SUMMARY_LIMIT;
    if (!this.#isFull) this.#text += separator + text;
  }
}
