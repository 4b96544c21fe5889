/**
 * Finds the tokens of a statement, one by one, in a single pass. It keeps no list of them and goes back over none, so that
 * its time grows with the length of the statement and nothing else.
 *
 * It is no parser: it accepts any text. Where it cannot know that something is no literal, it takes the rest of the
 * statement for one.
 */
import * as character from "./characters.js";
import type { DialectTraits } from "./dialects.js";
import { endOfDollarString, isAmount, isMoney } from "./dollars.js";
import { Gaps } from "./gaps.js";
import { isKeyword, keywordOf, PLAIN, roleOf, TYPE } from "./keywords.js";
import { endOfString, UNTERMINATED } from "./literals.js";
import { endOfNumber, startsNumber } from "./numbers.js";
import { endOfParameter, endOfWord } from "./parameters.js";
import { closingOfName } from "./quotedNames.js";
import { endOfPrefixedString } from "./stringPrefix.js";
import type { Tokens } from "./tokens.js";
import { Words } from "./words.js";

const SPACE = 0x20;
const BANG = 0x21;
const AMPERSAND = 0x26;
const QUOTE = 0x27;
const DOT = 0x2e;
const COLON = 0x3a;
const SEMICOLON = 0x3b;
const LESS = 0x3c;
const EQUALS = 0x3d;
const GREATER = 0x3e;
const QUESTION = 0x3f;
const AT = 0x40;

/** Reads one statement. */
export class Lexer {
  readonly #sql: string;
  readonly #end: number;
  readonly #traits: DialectTraits;
  readonly #tokens: Tokens;
  readonly #gaps: Gaps;
  readonly #words: Words;

  /**
   * @param sql - the statement
   * @param end - how much of it to read
   * @param tokens - where to tell what is found
   */
  constructor(sql: string, end: number, traits: DialectTraits, tokens: Tokens) {
    this.#sql = sql;
    this.#end = end;
    this.#traits = traits;
    this.#tokens = tokens;
    this.#gaps = new Gaps(sql, end, traits);
    this.#words = new Words(sql, end, traits);
  }

  /** Reads the statement to its end. */
  read(): void {
    const sql = this.#sql;
    const tokens = this.#tokens;
    while (tokens.at < this.#end) {
      const code = sql.charCodeAt(tokens.at);
      const next = tokens.at + 1;
      // White space is nearly always one space before a token, and stays as it is: so the two are read in one.
      if (code === SPACE && next < this.#end) this.#behindSpace(sql.charCodeAt(next), next);
      else this.#token(character.classOf(code), code, tokens.at);
    }
  }

  /** What comes behind a space: more white space, a comment, or a token. */
  #behindSpace(code: number, at: number): void {
    const type = character.classOf(code);
    if (character.startsGap(type)) return void this.#gap(at - 1);
    this.#tokens.at = at;
    // More than half of all tokens are words: what they branch to is guessed more often than where a switch jumps.
    if (type === character.LETTER && code < 0x80) this.#word(at);
    else this.#token(type, code, at);
  }

  #token(type: number, code: number, at: number): void {
    switch (type) {
      case character.SPACE:
        return void this.#gap(at);
      case character.LETTER:
        return code < 0x80 || !isMoney(this.#sql, at, this.#end) ? this.#word(at) : this.#number(at, at + 1);
      case character.DIGIT:
        return this.#number(at, at);
      case character.QUOTE:
        return this.#string(code, at);
      case character.DOUBLE_QUOTE:
        return this.#doubleQuoted(code, at);
      case character.COMMA:
        return this.#tokens.comma();
      case character.OPEN:
        return this.#tokens.open();
      case character.CLOSE:
        return this.#tokens.close();
      case character.DOT:
        return startsNumber(this.#sql, at, this.#end) ? this.#number(at, at) : this.#operator(code, at);
      case character.DASH:
      case character.PLUS:
        return this.#gap(at) ? undefined : this.#sign(code, at);
      default:
        return this.#rareToken(type, code, at);
    }
  }

  #rareToken(type: number, code: number, at: number): void {
    switch (type) {
      case character.SLASH:
      case character.STAR:
        return this.#gap(at) ? undefined : this.#operator(code, at);
      case character.BACKTICK:
      case character.OPEN_BRACKET:
        return this.#quotedName(code, at);
      case character.CLOSE_BRACKET:
        this.#operator(code, at);
        this.#tokens.isAfterOperand = true;
        return;
      case character.HASH:
        if (this.#traits.hash === "name") return this.#word(at);
        return this.#gap(at) ? undefined : this.#operator(code, at);
      case character.DOLLAR:
        return this.#dollar(code, at);
      case character.AT:
        return this.#variable(code, at);
      case character.COLON:
        return this.#colon(code, at);
      case character.QUESTION:
        return this.#parameter(code, at);
      case character.SEMICOLON:
        return this.#tokens.semicolon();
      case character.BINARY:
        return this.#tokens.redactRest(at);
      default:
        return this.#operator(code, at);
    }
  }

  /** Skips white space and comments; false if there are none. */
  #gap(start: number): boolean {
    const tokens = this.#tokens;
    const behindSpace = this.#gaps.behindSpace(start);
    let at = behindSpace;
    for (let next = this.#gaps.behindComment(at); next !== at; next = this.#gaps.behindComment(at)) {
      at = this.#gaps.behindSpace(next);
    }
    if (at === start) return false;
    tokens.at = at;
    tokens.isRedacted ||= this.#gaps.isUnterminated;
    const isComment = at !== behindSpace;
    if (!isComment && at === start + 1 && this.#sql.charCodeAt(start) === SPACE) return true;
    tokens.hasComments ||= isComment;
    // Where comments start or end a statement they leave nothing, since tools add them there.
    const isAtEnd = at === this.#end || this.#sql.charCodeAt(at) === SEMICOLON || tokens.text.isEmptyAt(start);
    tokens.text.replace(start, at, isComment && isAtEnd ? "" : " ");
    return true;
  }

  #string(quote: number, at: number): void {
    this.#tokens.literal(at, endOfString(this.#sql, at + 1, this.#end, quote, this.#traits.backslash));
  }

  /** A number whose digits start at `digits`, behind its sign or currency. */
  #number(start: number, digits: number): void {
    const sql = this.#sql;
    const numberEnd = endOfNumber(sql, digits, this.#end);
    const end = endOfWord(sql, numberEnd, this.#end);
    if (end === numberEnd || isKeyword(sql, numberEnd, end)) return this.#tokens.literal(start, numberEnd);
    // `1.5f` is a number, `2fa_codes` a name of MySQL, and what else starts with a digit is safer as a literal.
    const canBeName = this.#traits.digitNames && start === digits && end > numberEnd + 1;
    if (canBeName && endOfWord(sql, start, numberEnd) === numberEnd) this.#word(start);
    else this.#tokens.literal(start, end);
  }

  /** `+` or `-`: part of a number, or an operator. */
  #sign(code: number, start: number): void {
    const isMoneyNext = this.#traits.dollar === "money" && isMoney(this.#sql, start + 1, this.#end);
    const digits = isMoneyNext ? start + 2 : start + 1;
    const isPart = !this.#tokens.isAfterOperand && startsNumber(this.#sql, digits, this.#end);
    if (isPart) this.#number(start, digits);
    else this.#operator(code, start);
  }

  #dollar(code: number, at: number): void {
    const { dollar } = this.#traits;
    if (dollar === "money" && isMoney(this.#sql, at, this.#end)) return this.#number(at, at + 1);
    if (dollar === "money" || dollar === "name") return this.#word(at);
    const end = dollar === "quote" ? endOfDollarString(this.#sql, at, this.#end) : undefined;
    if (end !== undefined) this.#tokens.literal(at, end);
    else if (isAmount(this.#sql, at)) this.#number(at, at + 1);
    else this.#parameter(code, at);
  }

  #parameter(code: number, at: number): void {
    const end = endOfParameter(this.#sql, at, this.#end, this.#traits, this.#tokens.isAfterOperand);
    if (end === at) return this.#operator(code, at);
    // mysql2 writes a table's name in place of `FROM ??` later. Tables in variables have names.
    if (code !== AT && this.#tokens.summary.expectsTable) this.#tokens.summary.literal();
    this.#tokens.parameter(end, code === QUESTION && end === at + 1);
  }

  #colon(code: number, at: number): void {
    if (this.#sql.charCodeAt(at + 1) !== COLON) return this.#parameter(code, at);
    this.#tokens.operator(code, at + 1);
    this.#tokens.operator(code, at + 2);
  }

  #variable(code: number, at: number): void {
    if (this.#traits.at === "operator") return this.#operator(code, at);
    // `@@version` is a name.
    if (this.#sql.charCodeAt(at + 1) === code) return this.#word(at);
    const isTable = this.#tokens.summary.expectsTable;
    this.#parameter(code, at);
    if (isTable && this.#tokens.isAfterOperand) this.#tokens.summary.name(at, this.#tokens.at);
  }

  #operator(code: number, at: number): void {
    const next = code === BANG || code === EQUALS ? this.#sql.charCodeAt(at + 1) : 0;
    if (next !== EQUALS) return this.#tokens.operator(code, at + 1);
    // `!=` and `==` are other spellings of `<>` and `=`.
    if (code === BANG) this.#tokens.operator(LESS, at + 1);
    this.#tokens.operator(code === BANG ? GREATER : EQUALS, at + 2);
  }

  /** A word: a keyword, a name, or the start of something longer. */
  #word(start: number): void {
    const words = this.#words;
    const end = words.read(start);
    const next = end < this.#end ? this.#sql.charCodeAt(end) : 0;
    if (next === QUOTE || next === AMPERSAND) {
      const stringEnd = endOfPrefixedString(this.#sql, start, end, this.#end, this.#traits);
      if (stringEnd !== undefined) return this.#tokens.literal(start, stringEnd);
    }
    const keyword = next === DOT ? PLAIN : keywordOf(words.laneA, words.laneB);
    if (keyword !== PLAIN) {
      if (roleOf(keyword) === TYPE && this.#isLiteralNext(end)) return this.#tokens.type(end);
      return this.#tokens.keyword(keyword, start, end, words);
    }
    this.#tokens.firstPart(words);
    if (next === DOT) this.#qualifiedName(start, end);
    else this.#tokens.name(start, end);
  }

  /** Whether a string, or the `?` that stands for one, follows what ends at `end`. */
  #isLiteralNext(end: number): boolean {
    const code = this.#sql.charCodeAt(this.#gaps.behindSpace(end));
    return code === QUOTE || code === QUESTION;
  }

  /** A name whose first part ends at `end`. */
  #qualifiedName(start: number, end: number): void {
    while (end < this.#end && this.#sql.charCodeAt(end) === DOT) {
      const next = this.#part(end + 1);
      if (next === UNTERMINATED) return this.#tokens.redactRest(end + 1);
      // `t.*`, or a number that starts with the dot.
      if (next === end + 1 && this.#sql.charCodeAt(next) !== DOT) break;
      end = next;
    }
    this.#tokens.name(start, end);
  }

  /** The end of the part of a name behind a dot, UNTERMINATED if it has none; `start` itself if there is no part. */
  #part(start: number): number {
    const code = start < this.#end ? this.#sql.charCodeAt(start) : 0;
    const closing = closingOfName(this.#sql, start, code, this.#traits);
    const end = closing !== 0 ? this.#words.readQuoted(start, closing) : this.#endOfWordPart(code, start);
    if (end === start || end === UNTERMINATED) return end;
    this.#tokens.shape.symbol(DOT);
    this.#tokens.shape.word(this.#words.laneA, this.#words.laneB);
    return end;
  }

  #endOfWordPart(code: number, start: number): number {
    const isNumber =
      character.classOf(code) === character.DIGIT &&
      endOfNumber(this.#sql, start, this.#end) >= endOfWord(this.#sql, start, this.#end);
    return isNumber ? start : this.#words.read(start);
  }

  /** A name in quotes, or a character that opens none. */
  #quotedName(code: number, start: number): void {
    const closing = closingOfName(this.#sql, start, code, this.#traits);
    if (closing === 0) return this.#operator(code, start);
    const end = this.#words.readQuoted(start, closing);
    if (end === UNTERMINATED) return this.#tokens.redactRest(start);
    this.#tokens.firstPart(this.#words);
    this.#qualifiedName(start, end);
  }

  /** `"…"`, which quotes a name or a string. */
  #doubleQuoted(code: number, start: number): void {
    if (this.#traits.doubleQuotes === "string") return this.#string(code, start);
    if (!this.#tokens.isQuotedName) {
      const end = endOfString(this.#sql, start + 1, this.#end, code, this.#traits.backslash);
      if (this.#sql.charCodeAt(end) !== DOT) return this.#tokens.literal(start, end);
    }
    this.#quotedName(code, start);
  }
}
