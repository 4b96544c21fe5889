/**
 * Percent-encoding of baggage values, as W3C Baggage defines it.
 *
 * `decodeURIComponent` alone will not do, as it throws on bytes that are not UTF-8, and `encodeURIComponent` alone
 * neither: it throws on lone surrogates, and it encodes more than it must, so that a value which fitted when it came
 * in would no longer fit when it goes on.
 */

/** Runs of what must be encoded: all but `baggage-octet`, and `%`, which starts an escape. */
const MUST_ENCODE = /[^!#$&-+\--:<-[\]-~]+/g;

/** In Unicode mode a surrogate matches only where it is not half of a pair. */
const LONE_SURROGATE = /[\ud800-\udfff]/gu;

const ESCAPE = /%([\da-f]{2})/gi;

/** Encodes text so that it is legal as a baggage value. Lone surrogates become U+FFFD. Never throws. */
export function encodePercent(text: string): string {
  return text.replace(MUST_ENCODE, (run) => encodeURIComponent(run.replace(LONE_SURROGATE, "\ufffd")));
}

/**
 * Decodes the escapes in ASCII text. Bytes that are not UTF-8 become U+FFFD, a `%` that starts no escape stands for
 * itself. Never throws.
 */
export function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    const bytes = text.replace(ESCAPE, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
    // A byte order mark is part of the value, as it is for decodeURIComponent.
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    return decoder.decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
  }
}
