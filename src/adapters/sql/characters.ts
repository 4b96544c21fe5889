/**
 * What a character can start. One table look-up for each token, and one for each character of a name, is most of what
 * reading a statement costs.
 */

// Classes of characters. Constants and not a union of strings: the lexer switches on them for every token.
export const OPERATOR = 0;
export const SPACE = 1;
export const LETTER = 2;
export const DIGIT = 3;
export const QUOTE = 4;
export const DOUBLE_QUOTE = 5;
export const BACKTICK = 6;
export const OPEN_BRACKET = 7;
export const DOT = 8;
export const DASH = 9;
export const PLUS = 10;
export const SLASH = 11;
export const STAR = 12;
export const HASH = 13;
export const DOLLAR = 14;
export const COLON = 15;
export const AT = 16;
export const QUESTION = 17;
export const COMMA = 18;
export const OPEN = 19;
export const CLOSE = 20;
export const SEMICOLON = 21;
/** Never part of a statement outside of quotes: what follows is no SQL. */
export const BINARY = 22;
export const CLOSE_BRACKET = 23;

const ASCII = 128;

/** What decoders put in place of bytes that are no text. */
const REPLACEMENT_CHARACTER = 0xfffd;

const SYMBOLS: Readonly<Record<string, number>> = {
  "'": QUOTE,
  '"': DOUBLE_QUOTE,
  "`": BACKTICK,
  "[": OPEN_BRACKET,
  "]": CLOSE_BRACKET,
  ".": DOT,
  "-": DASH,
  "+": PLUS,
  "/": SLASH,
  "*": STAR,
  "#": HASH,
  $: DOLLAR,
  ":": COLON,
  "@": AT,
  "?": QUESTION,
  ",": COMMA,
  "(": OPEN,
  ")": CLOSE,
  ";": SEMICOLON,
};

const CLASSES = Uint8Array.from({ length: ASCII }, (_, code) => {
  const character = String.fromCharCode(code);
  if (/[\t-\r ]/.test(character)) return SPACE;
  if (code < 0x20 || code === 0x7f) return BINARY;
  if (/[a-z_]/i.test(character)) return LETTER;
  if (/\d/.test(character)) return DIGIT;
  return SYMBOLS[character] ?? OPERATOR;
});

/** The class of a UTF-16 code unit. Everything beyond ASCII is a letter, typographic quotes and spaces included. */
export function classOf(code: number): number {
  if (code < ASCII) return CLASSES[code] ?? OPERATOR;
  return code === REPLACEMENT_CHARACTER ? BINARY : LETTER;
}

/** Whether characters of a class can start white space or a comment. */
export function startsGap(type: number): boolean {
  return type === SPACE || type === DASH || (type >= SLASH && type <= HASH);
}

/**
 * For each ASCII character that may be part of an unquoted name its lower-case form, and 0 for the others. `extra` are
 * the characters a dialect allows besides letters, digits, `_` and `$`.
 */
export function foldTable(extra: string): Uint8Array {
  return Uint8Array.from({ length: ASCII }, (_, code) => {
    const character = String.fromCharCode(code);
    return /[\w$]/.test(character) || extra.includes(character) ? character.toLowerCase().charCodeAt(0) : 0;
  });
}

/** `$`, `£`, `€` and other signs that SQL Server allows before an amount of money. */
export function isCurrencySign(code: number): boolean {
  return code === 0x24 || (code >= 0xa2 && code <= 0xa5) || (code >= 0x20a0 && code <= 0x20cf);
}
