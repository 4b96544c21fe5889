/**
 * Reads a statement once, token by token, and tells what it finds to those who make something of it: the writer of the
 * text, the summary, and the shape that is hashed. It keeps no list of tokens and goes back over none of them, so that its
 * time grows with the length of the statement and nothing else.
 *
 * It is no parser: it accepts any text. Where it cannot know that something is no literal, it takes the rest of the
 * statement for one.
 */
import * as character from "./characters.js";
import type { DialectTraits } from "./dialects.js";
import { Gaps } from "./gaps.js";
import { WORD_PRIME, WORD_SEED_A, WORD_SEED_B } from "./hash.js";
import * as word from "./keywords.js";
import { endOfDollarString, isAmount, isMoney } from "./dollars.js";
import { endOfAlternative, endOfQuoted, endOfString, UNTERMINATED } from "./literals.js";
import { endOfNumber, startsNumber } from "./numbers.js";
import { endOfParameter, endOfWord } from "./parameters.js";
import { QuotedWords } from "./quotedWords.js";
import { Shape } from "./shape.js";
import { Summary } from "./summary.js";
import { TextWriter } from "./textWriter.js";

const BANG = 0x21;
const DOUBLE_QUOTE = 0x22;
const AMPERSAND = 0x26;
const QUOTE = 0x27;
const QUESTION = 0x3f;
const COLON = 0x3a;
const PLUS = 0x2b;
const MINUS = 0x2d;
const DOT = 0x2e;
const SPACE = 0x20;
const SEMICOLON = 0x3b;
const LESS = 0x3c;
const EQUALS = 0x3d;
const GREATER = 0x3e;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const BACKTICK = 0x60;

/** Words that belong to the string behind them: `N'…'`, `q'[…]'`. Others are its type, and stay. */
const STRING_PREFIX = /^(?:[ebnrx]|n?q|br|rb)$/;
/** Introducers name a character set, as `_utf8mb4'…'`. */
const LONGEST_PREFIX = 20;

/** What stands between `[` and `]` where it is a name, if brackets can be something else. */
const BRACKETED_NAME = /\[[a-z_][\w $#@.-]*\]/iy;
/** Behind these, a bracket is an index. */
const INDEXED = /[\w$)\]"`'\u0080-\uffff]/;

/** Reads one statement. */
export class Lexer {
  readonly text: TextWriter;
  readonly summary: Summary;
  readonly shape = new Shape();
  readonly #sql: string;
  readonly #end: number;
  readonly #traits: DialectTraits;
  readonly #folds: Uint8Array;
  readonly #gaps: Gaps;
  /** Only where a quoted word can be a name or a string. */
  readonly #quotedWords: QuotedWords | undefined;
  #at = 0;
  /** The last token was an operand: a sign or bracket behind it is an operator. */
  #isAfterOperand = false;
  /** The role of the last token, if it was a keyword. */
  #lastRole = word.PLAIN;
  /** In the list of an IN, while it holds nothing but values. */
  #isInValues = false;
  #isRedacted = false;
  /** The hash of the last word. */
  #hashA = 0;
  #hashB = 0;

  /**
   * @param sql - the statement
   * @param end - how much of it to read
   * @param textLimit - characters after which the text is not written any more
   */
  constructor(sql: string, end: number, traits: DialectTraits, textLimit: number) {
    this.#sql = sql;
    this.#end = end;
    this.#traits = traits;
    this.#folds = traits.folds;
    this.text = new TextWriter(sql, textLimit);
    this.summary = new Summary(sql);
    this.#gaps = new Gaps(sql, end, traits);
    const { doubleQuotes } = traits;
    const isAmbiguous = doubleQuotes === "lenient" || doubleQuotes === "strict";
    this.#quotedWords = isAmbiguous ? new QuotedWords(this.summary, doubleQuotes) : undefined;
  }

  /** Whether the rest of the statement was taken for a literal or comment that does not end. */
  get isRedacted(): boolean {
    return this.#isRedacted;
  }

  /** Reads the statement to its end. */
  read(): void {
    while (this.#at < this.#end) this.#token(this.#sql.charCodeAt(this.#at));
  }

  #token(code: number): void {
    switch (character.classOf(code)) {
      case character.SPACE:
        return this.#space(code);
      case character.LETTER:
        if (code >= 0x80 && isMoney(this.#sql, this.#at, this.#end)) return this.#number(this.#at, this.#at + 1);
        return this.#word(this.#at);
      case character.DIGIT:
        return this.#number(this.#at, this.#at);
      case character.QUOTE:
        return this.#string(this.#at, this.#at, this.#traits.backslash);
      case character.DOUBLE_QUOTE:
        return this.#doubleQuoted(code);
      case character.COMMA:
        return this.#comma();
      case character.OPEN:
        return this.#open();
      case character.CLOSE:
        return this.#close();
      case character.DOT:
        if (startsNumber(this.#sql, this.#at, this.#end)) return this.#number(this.#at, this.#at);
        return this.#operator(code);
      case character.DASH:
      case character.PLUS:
        return this.#sign(code);
      default:
        return this.#rareToken(code);
    }
  }

  #rareToken(code: number): void {
    switch (character.classOf(code)) {
      case character.SLASH:
      case character.STAR:
        return this.#gap() ? undefined : this.#operator(code);
      case character.BACKTICK:
      case character.OPEN_BRACKET:
        return this.#quotedName(code);
      case character.CLOSE_BRACKET:
        this.#operator(code);
        this.#isAfterOperand = true;
        return;
      case character.HASH:
        if (this.#traits.hash === "name") return this.#word(this.#at);
        return this.#gap() ? undefined : this.#operator(code);
      case character.DOLLAR:
        return this.#dollar(code);
      case character.AT:
        return this.#variable(code);
      case character.COLON:
        return this.#colon(code);
      case character.QUESTION:
        return this.#parameterOrOperator(code);
      case character.SEMICOLON:
        return this.#semicolon();
      case character.BINARY:
        return this.#redactRest(this.#at);
      default:
        return this.#operator(code);
    }
  }

  // White space and comments

  /** White space. Nearly always it is one space before something else than a comment, which stays as it is. */
  #space(code: number): void {
    const next = this.#at + 1;
    const canBeMore = next === this.#end || character.startsGap(this.#sql.charCodeAt(next));
    if (code !== SPACE || canBeMore) this.#gap();
    else this.#at = next;
  }

  /** Skips what says nothing; false if there is none of it here. */
  #gap(): boolean {
    const start = this.#at;
    let at = this.#gaps.behindSpace(start);
    const behindSpace = at;
    for (let next = this.#gaps.behindComment(at); next !== at; next = this.#gaps.behindComment(at)) {
      at = this.#gaps.behindSpace(next);
    }
    if (at === start) return false;
    this.#at = at;
    this.#isRedacted ||= this.#gaps.isUnterminated;
    if (at === behindSpace && at === start + 1 && this.#sql.charCodeAt(start) === SPACE) return true;
    // Where comments start or end a statement they leave nothing, since tools add them there.
    const isAtEnd = at === this.#end || this.#sql.charCodeAt(at) === SEMICOLON || this.text.isEmptyAt(start);
    this.text.replace(start, at, at !== behindSpace && isAtEnd ? "" : " ");
    return true;
  }

  // Literals

  #literal(start: number, end: number, by = "?"): void {
    this.text.replace(start, end, by);
    this.shape.placeholder();
    this.summary.literal();
    this.#quotedWords?.operand(false);
    this.#afterOperand(end);
  }

  #literalUnlessCut(start: number, end: number): void {
    if (end === UNTERMINATED) this.#redactRest(start);
    else this.#literal(start, end);
  }

  #redactRest(start: number, by = "?"): void {
    this.#literal(start, this.#end, by);
    this.#isRedacted = true;
  }

  #afterOperand(end: number): void {
    this.#at = end;
    this.#isAfterOperand = true;
    this.#lastRole = word.PLAIN;
  }

  /** A string whose quote is at `quote`; its prefix, if it has one, starts at `start`. */
  #string(start: number, quote: number, backslash: DialectTraits["backslash"]): void {
    const sql = this.#sql;
    this.#literalUnlessCut(start, endOfString(sql, quote + 1, this.#end, sql.charCodeAt(quote), backslash));
  }

  /** A number that starts at `digits`, behind its sign or currency. */
  #number(start: number, digits: number): void {
    const numberEnd = endOfNumber(this.#sql, digits, this.#end);
    const end = endOfWord(this.#sql, numberEnd, this.#end);
    if (end === numberEnd || word.isKeyword(this.#sql, numberEnd, end)) return this.#literal(start, numberEnd);
    // `1.5f` is a number, `2fa_codes` a name of MySQL, and what else starts with a digit is safer as a literal.
    const isName = this.#traits.digitNames && start === digits && end > numberEnd + 1;
    if (isName && this.#isWord(start, numberEnd)) this.#word(start);
    else this.#literal(start, end);
  }

  #isWord(start: number, end: number): boolean {
    return endOfWord(this.#sql, start, end) === end;
  }

  /** `+` or `-`: part of a number, or an operator. */
  #sign(code: number): void {
    if (this.#gap()) return;
    let at = this.#at;
    while (isSign(this.#sql.charCodeAt(at))) at++;
    if (this.#traits.dollar === "money" && isMoney(this.#sql, at, this.#end)) at++;
    if (!this.#isAfterOperand && startsNumber(this.#sql, at, this.#end)) this.#number(this.#at, at);
    else this.#operator(code);
  }

  #dollar(code: number): void {
    const { dollar } = this.#traits;
    const at = this.#at;
    if (dollar === "money" && isMoney(this.#sql, at, this.#end)) return this.#number(at, at + 1);
    if (dollar === "money" || dollar === "name") return this.#word(at);
    const end = dollar === "quote" ? endOfDollarString(this.#sql, at, this.#end) : undefined;
    if (end !== undefined) this.#literalUnlessCut(at, end);
    else if (isAmount(this.#sql, at)) this.#number(at, at + 1);
    else this.#parameterOrOperator(code);
  }

  // Parameters and operators

  #parameterOrOperator(code: number): void {
    const start = this.#at;
    const end = endOfParameter(this.#sql, start, this.#end, this.#traits, this.#isAfterOperand);
    if (end === start) return this.#operator(code);
    // Of all parameters only the plain `?` can be told from a literal no more, so lists of it are lists of values.
    if (end > start + 1 || code !== QUESTION) this.#isInValues = false;
    this.shape.placeholder();
    this.#quotedWords?.operand(false);
    this.#afterOperand(end);
  }

  #colon(code: number): void {
    if (this.#sql.charCodeAt(this.#at + 1) !== COLON) return this.#parameterOrOperator(code);
    this.#operator(code);
    this.#operator(code);
  }

  #variable(code: number): void {
    if (this.#traits.at === "operator") return this.#operator(code);
    const start = this.#at;
    // `@@version` is a name.
    if (this.#sql.charCodeAt(start + 1) === code) return this.#word(start);
    const isTable = this.summary.expectsTable;
    this.#parameterOrOperator(code);
    if (isTable && this.#isAfterOperand) this.summary.name(start, this.#at);
  }

  #operator(code: number): void {
    const next = this.#sql.charCodeAt(this.#at + 1);
    if (next === EQUALS && code === BANG) {
      // `!=` and `==` are other spellings of `<>` and `=`.
      this.shape.symbol(LESS);
      this.shape.symbol(GREATER);
      this.#at++;
    } else if (next === EQUALS && code === EQUALS) {
      this.shape.symbol(EQUALS);
      this.#at++;
    } else this.shape.symbol(code);
    this.#at++;
    this.#isInValues = false;
    this.#isAfterOperand = false;
    this.#lastRole = word.PLAIN;
    this.#quotedWords?.operator();
  }

  #comma(): void {
    this.shape.comma();
    this.summary.comma();
    this.#quotedWords?.comma();
    this.#afterSeparator();
  }

  #semicolon(): void {
    this.shape.semicolon();
    this.summary.semicolon();
    this.#quotedWords?.semicolon();
    this.#isInValues = false;
    this.#afterSeparator();
  }

  #open(): void {
    this.shape.open();
    this.summary.open();
    this.#quotedWords?.open();
    this.#isInValues = this.#lastRole === word.IN;
    if (this.#isInValues) this.text.beginList(this.#at + 1);
    this.#afterSeparator();
  }

  #close(): void {
    if (this.#isInValues && this.#isAfterOperand) this.text.collapseList(this.#at);
    this.#isInValues = false;
    this.shape.close();
    this.summary.close();
    this.#quotedWords?.close();
    this.#afterOperand(this.#at + 1);
  }

  #afterSeparator(): void {
    this.#at++;
    this.#isAfterOperand = false;
    this.#lastRole = word.PLAIN;
  }

  // Names and keywords

  /** Hashes the word at `start`; returns its end. */
  #hashWord(start: number): number {
    const sql = this.#sql;
    const folds = this.#folds;
    const end = this.#end;
    let a = WORD_SEED_A;
    let b = WORD_SEED_B;
    let at = start;
    for (; at < end; at++) {
      let code = sql.charCodeAt(at);
      if (code < 0x80) {
        code = folds[code] ?? 0;
        if (code === 0) break;
      }
      a = Math.imul(a ^ code, WORD_PRIME);
      b = (b + a) | 0;
    }
    this.#hashA = a;
    this.#hashB = b;
    return at;
  }

  /** A word: a keyword, a name, or the start of something longer. */
  #word(start: number): void {
    const end = this.#hashWord(start);
    const next = end < this.#end ? this.#sql.charCodeAt(end) : 0;
    if ((next === QUOTE || next === AMPERSAND) && this.#prefixedString(start, end)) return;
    const keyword = next === DOT ? word.PLAIN : word.keywordOf(this.#hashA, this.#hashB);
    if (keyword !== word.PLAIN) return this.#keyword(keyword, start, end);
    this.shape.word(this.#hashA, this.#hashB);
    if (next === DOT) this.#qualifiedName(start, end);
    else this.#name(start, end);
  }

  #keyword(keyword: number, start: number, end: number): void {
    const role = word.roleOf(keyword);
    const last = this.#lastRole;
    // `IS TRUE` and `IS NULL` are operators.
    if (role === word.BOOLEAN && last !== word.IS) return this.#literal(start, end);
    if (role === word.NULL && last !== word.IS && last !== word.NOT) this.shape.placeholder();
    else if (role !== word.AS && role !== word.NOISE) this.shape.word(this.#hashA, this.#hashB);
    this.#quotedWords?.keyword(keyword);
    this.#isInValues = false;
    this.#at = end;
    this.#isAfterOperand = (keyword & word.OPERAND_FOLLOWS) === 0;
    this.#lastRole = role === word.NOT && last === word.IS ? last : role;
    if (role === word.PASSWORD) {
      if (this.summary.password(start, end)) this.#redactRest(end, " ?");
    } else if (role === word.BY && last === word.IDENTIFIED) this.#redactRest(end, " ?");
    else this.summary.keyword(role, start, end);
  }

  #name(start: number, end: number): void {
    this.summary.name(start, end);
    this.#quotedWords?.operand(true);
    this.#isInValues = false;
    this.#afterOperand(end);
  }

  /** A name whose first part ends at `end`, and is hashed. */
  #qualifiedName(start: number, end: number): void {
    while (end < this.#end && this.#sql.charCodeAt(end) === DOT) {
      const next = this.#part(end + 1);
      if (next === UNTERMINATED) return this.#redactRest(end + 1);
      // `t.*`, or a number that starts with the dot.
      if (next === end + 1 && this.#sql.charCodeAt(next) !== DOT) break;
      end = next;
    }
    this.#name(start, end);
  }

  /** The end of the part of a name behind a dot; `start` itself if there is none. */
  #part(start: number): number {
    const code = start < this.#end ? this.#sql.charCodeAt(start) : 0;
    const closing = this.#closingOfName(code, start);
    if (closing !== 0) {
      this.shape.symbol(DOT);
      return this.#quotedPart(start, closing);
    }
    const type = character.classOf(code);
    const isNumber = type === character.DIGIT && endOfNumber(this.#sql, start, this.#end) >= endOfWord(this.#sql, start, this.#end);
    if (isNumber || (this.#folds[code] ?? 1) === 0) return start;
    const end = this.#hashWord(start);
    this.shape.symbol(DOT);
    this.shape.word(this.#hashA, this.#hashB);
    return end;
  }

  /** What closes the quoted name that `code` opens at `at`; 0 if it opens none. */
  #closingOfName(code: number, at: number): number {
    const { backticks, brackets, doubleQuotes } = this.#traits;
    if (code === DOUBLE_QUOTE) return doubleQuotes === "string" ? 0 : DOUBLE_QUOTE;
    if (code === BACKTICK) return backticks ? BACKTICK : 0;
    if (code !== OPEN_BRACKET) return 0;
    return brackets === "name" || (brackets === "unknown" && isBracketedName(this.#sql, at)) ? CLOSE_BRACKET : 0;
  }

  /** Hashes a quoted part of a name; returns its end, or UNTERMINATED. */
  #quotedPart(start: number, closing: number): number {
    const sql = this.#sql;
    const end =
      closing === DOUBLE_QUOTE
        ? endOfString(sql, start + 1, this.#end, closing, this.#traits.backslash)
        : endOfQuoted(sql, start + 1, this.#end, closing);
    if (end === UNTERMINATED) return end;
    let a = WORD_SEED_A;
    let b = WORD_SEED_B;
    for (let at = start + 1; at < end - 1; at++) {
      const code = sql.charCodeAt(at);
      a = Math.imul(a ^ code, WORD_PRIME);
      b = (b + a) | 0;
    }
    this.shape.word(a, b);
    return end;
  }

  /** A name in quotes, or a character that opens none. */
  #quotedName(code: number): void {
    const start = this.#at;
    const closing = this.#closingOfName(code, start);
    if (closing === 0) return this.#operator(code);
    const end = this.#quotedPart(start, closing);
    if (end === UNTERMINATED) this.#redactRest(start);
    else this.#qualifiedName(start, end);
  }

  /** `"…"`, which quotes a name or a string. */
  #doubleQuoted(code: number): void {
    const start = this.#at;
    const { backslash, doubleQuotes } = this.#traits;
    if (doubleQuotes === "string") return this.#string(start, start, backslash);
    if (this.#quotedWords !== undefined && !this.#quotedWords.isName) {
      const end = endOfString(this.#sql, start + 1, this.#end, DOUBLE_QUOTE, backslash);
      const isQualified = end !== UNTERMINATED && this.#sql.charCodeAt(end) === DOT;
      if (!isQualified) return this.#literalUnlessCut(start, end);
    }
    this.#quotedName(code);
  }

  /** A string that the word before its quote belongs to; false if the word is a type, or there is no string. */
  #prefixedString(start: number, end: number): boolean {
    const sql = this.#sql;
    const { alternativeQuotes, escapeStrings, introducers } = this.#traits;
    const isUnicode = sql.charCodeAt(end) === AMPERSAND;
    if (isUnicode && (end - start > 1 || sql.charCodeAt(end + 1) !== QUOTE)) return false;
    if (end - start > LONGEST_PREFIX) return false;
    const prefix = sql.slice(start, end).toLowerCase();
    const quote = isUnicode ? end + 1 : end;
    if (!(isUnicode ? prefix === "u" : STRING_PREFIX.test(prefix) || (introducers && prefix.startsWith("_")))) return false;
    if (alternativeQuotes && prefix.endsWith("q")) {
      this.#literalUnlessCut(start, endOfAlternative(sql, quote + 1, this.#end));
    } else this.#string(start, quote, escapeStrings && prefix === "e" ? "escape" : this.#traits.backslash);
    return true;
  }
}

function isSign(code: number): boolean {
  return code === PLUS || code === MINUS;
}

/** Whether brackets at `at` are around a name, in a dialect that nobody knows, and not around an index or values. */
function isBracketedName(sql: string, at: number): boolean {
  BRACKETED_NAME.lastIndex = at;
  return !(at > 0 && INDEXED.test(sql.charAt(at - 1))) && BRACKETED_NAME.test(sql);
}
