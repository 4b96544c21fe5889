/**
 * How header values are cut into parts: separators, and the optional whitespace (OWS) that HTTP allows around parts.
 *
 * Positions instead of copied strings, so that reading a long header costs no more than one pass. `String.trim` is no substitute: it also removes line breaks and Unicode spaces, which would make an illegal header
 * legal. RFC 9110 §5.6.3 allows spaces and tabs only.
 */

function isWhitespace(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

/** The first position in `[from, to)` that is not whitespace, or `to`. */
export function skipWhitespace(text: string, from: number, to: number): number {
  let at = from;
  while (at < to && isWhitespace(text.charCodeAt(at))) at++;
  return at;
}

/** The end of `[from, to)` without trailing whitespace, or `from`. */
export function dropWhitespace(text: string, from: number, to: number): number {
  let end = to;
  while (end > from && isWhitespace(text.charCodeAt(end - 1))) end--;
  return end;
}

/**
 * Where the character `separator` next occurs in `[from, to)`, or `to`.
 *
 * `String.indexOf` would look beyond `to`, and so read a long list once for each of its members.
 */
export function nextSeparator(text: string, separator: number, from: number, to: number): number {
  let at = from;
  while (at < to && text.charCodeAt(at) !== separator) at++;
  return at;
}

function isAlphanumeric(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a);
}

/**
 * True if every character is an ASCII letter, a digit, or one of `others`.
 *
 * Not a regular expression: Convex evaluates modules anew on every call, so an expression would be compiled for the
 * one time it is used, which takes longer than all the rest of reading a carrier.
 */
export function consistsOf(text: string, others: string): boolean {
  for (let at = 0; at < text.length; at++) {
    if (!isAlphanumeric(text.charCodeAt(at)) && !others.includes(text.charAt(at))) return false;
  }
  return true;
}
