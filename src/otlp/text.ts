/**
 * Strings on the wire: quoting for JSON and size in UTF-8. Both run for every string of every span, so both lean on
 * what the engine does natively instead of looping over characters.
 */

/**
 * @internal
 * A string as JSON. Lone surrogates become U+FFFD: protobuf strings must be valid UTF-8, and receivers refuse the whole
 * request otherwise. What is not a string becomes `""`.
 */
export function quote(text: unknown): string {
  if (typeof text !== "string") return '""';
  // Nearly every key and value is plain, and for those one scan is twice as fast as JSON.stringify.
  if (!/["\\\u0000-\u001f\ud800-\udfff]/.test(text)) return `"${text}"`;
  return JSON.stringify(text.replace(/\p{Surrogate}/gu, "\ufffd"));
}

/** @internal How many bytes a string without lone surrogates takes in UTF-8. */
export function utf8Length(text: string): number {
  if (!/[\u0080-\uffff]/.test(text)) return text.length;
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    // Each half of a surrogate pair counts 2: a pair is 4 bytes.
    if (unit > 0x7f) bytes += unit > 0x7ff && (unit < 0xd800 || unit > 0xdfff) ? 2 : 1;
  }
  return bytes;
}
