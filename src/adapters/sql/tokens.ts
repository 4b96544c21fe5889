/**
 * What becomes of each token: it is told to the writer of the text, to the summary and to the shape, and changes how the
 * next token is read. `lexer.ts` finds where tokens start and end.
 */
import type { DialectTraits } from "./dialects.js";
import * as word from "./keywords.js";
import { UNTERMINATED } from "./literals.js";
import { QuotedWords } from "./quotedWords.js";
import { Shape } from "./shape.js";
import { Summary } from "./summary.js";
import { TextWriter } from "./textWriter.js";
import type { Words } from "./words.js";

/** The tokens of one statement. Methods take them in their order, with where they start and end. */
export class Tokens {
  readonly text: TextWriter;
  readonly summary: Summary;
  readonly shape = new Shape();
  /** Up to where the statement has been read. */
  at = 0;
  /** The last token was an operand: a sign or a colon behind it is an operator. */
  isAfterOperand = false;
  /** The rest of the statement was taken for a literal or comment that does not end. */
  isRedacted = false;
  hasLiterals = false;
  hasComments = false;
  /** Where a quoted word can be a name or a string, what tells which. */
  readonly #quotedWords: QuotedWords | undefined;
  readonly #end: number;
  /** The role of the last token, if it was a keyword. */
  #lastRole = word.PLAIN;
  /** In the list of an IN, while it holds nothing but values. */
  #isInValues = false;

  /** @param textLimit - characters after which the text is not written any more */
  constructor(sql: string, end: number, { doubleQuotes }: DialectTraits, textLimit: number) {
    this.#end = end;
    this.text = new TextWriter(sql, textLimit);
    this.summary = new Summary(sql);
    const isAmbiguous = doubleQuotes === "lenient" || doubleQuotes === "strict";
    this.#quotedWords = isAmbiguous ? new QuotedWords(this.summary, doubleQuotes) : undefined;
  }

  /** Whether a lone `"x"` would be a name as the next token. */
  get isQuotedName(): boolean {
    return this.#quotedWords === undefined || this.#quotedWords.isName;
  }

  /** A literal; UNTERMINATED as its end makes it the rest of the statement. */
  literal(start: number, end: number): void {
    if (end === UNTERMINATED) this.redactRest(start);
    else this.#literal(start, end, "?");
  }

  /** Everything from `start` on, which may be anything. */
  redactRest(start: number, by = "?"): void {
    this.isRedacted = true;
    this.#literal(start, this.#end, by);
  }

  /** A place for a value that is passed apart; `isPlain` if it is written as literals are in the text, `?`. */
  parameter(end: number, isPlain: boolean): void {
    this.#isInValues &&= isPlain;
    this.shape.placeholder();
    this.#quotedWords?.operand(false);
    this.#afterOperand(end);
  }

  /** The first part of a name; its whole is told with {@link name}. */
  firstPart({ laneA, laneB }: Words): void {
    // What a column of the result is called changes nothing of the work.
    const isColumnAlias = this.#lastRole === word.AS && this.summary.isInSelectList;
    if (!isColumnAlias) this.shape.word(laneA, laneB);
  }

  name(start: number, end: number): void {
    this.summary.name(start, end);
    this.#quotedWords?.operand(true);
    this.#isInValues = false;
    this.#afterOperand(end);
  }

  keyword(keyword: number, start: number, end: number, { laneA, laneB }: Words): void {
    const role = word.roleOf(keyword);
    const last = this.#lastRole;
    // `IS TRUE` and `IS NULL` are operators.
    if (role === word.BOOLEAN && last !== word.IS) return this.#literal(start, end, "?");
    if (role === word.NULL && last !== word.IS && last !== word.NOT) this.shape.placeholder();
    else if (!isNoise(role, last)) this.shape.word(laneA, laneB);
    this.#quotedWords?.keyword(keyword);
    this.#isInValues = false;
    this.at = end;
    this.isAfterOperand = (keyword & word.OPERAND_FOLLOWS) === 0;
    this.#lastRole = role === word.NOT && last === word.IS ? last : role;
    if (role === word.PASSWORD) {
      if (this.summary.password(start, end)) this.redactRest(end, " ?");
    } else if (role === word.BY && last === word.IDENTIFIED) this.redactRest(end, " ?");
    else this.summary.keyword(role, start, end);
  }

  /** The type of the literal that follows, which changes nothing of the statement and so nothing of its shape. */
  type(end: number): void {
    this.summary.literal();
    this.#quotedWords?.operator();
    this.#isInValues = false;
    this.at = end;
    this.isAfterOperand = false;
    this.#lastRole = word.PLAIN;
  }

  /** An operator, up to `end`, or a part of one. */
  operator(code: number, end: number): void {
    this.shape.symbol(code);
    this.at = end;
    this.#isInValues = false;
    this.isAfterOperand = false;
    this.#lastRole = word.PLAIN;
    this.#quotedWords?.operator();
  }

  comma(): void {
    this.shape.comma();
    this.summary.comma();
    this.#quotedWords?.comma();
    this.#afterSeparator();
  }

  semicolon(): void {
    this.shape.semicolon();
    this.summary.semicolon();
    this.#quotedWords?.semicolon();
    this.#isInValues = false;
    this.#afterSeparator();
  }

  open(): void {
    this.shape.open();
    this.summary.open();
    this.#quotedWords?.open();
    this.#isInValues = this.#lastRole === word.IN;
    if (this.#isInValues) this.text.beginList(this.at + 1);
    this.#afterSeparator();
  }

  close(): void {
    if (this.#isInValues && this.isAfterOperand) this.text.collapseList(this.at);
    this.#isInValues = false;
    this.shape.close();
    this.summary.close();
    this.#quotedWords?.close();
    this.#afterOperand(this.at + 1);
  }

  #literal(start: number, end: number, by: string): void {
    this.hasLiterals = true;
    this.text.replace(start, end, by);
    this.shape.placeholder();
    this.summary.literal();
    this.#quotedWords?.operand(false);
    this.#afterOperand(end);
  }

  #afterOperand(end: number): void {
    this.at = end;
    this.isAfterOperand = true;
    this.#lastRole = word.PLAIN;
  }

  #afterSeparator(): void {
    this.at++;
    this.isAfterOperand = false;
    this.#lastRole = word.PLAIN;
  }
}

/** Whether a keyword says nothing: AS, INNER, OUTER, and TRANSACTION behind BEGIN. */
function isNoise(role: number, last: number): boolean {
  return role === word.AS || role === word.NOISE || (role === word.TRANSACTION && last === word.TRANSACT);
}
