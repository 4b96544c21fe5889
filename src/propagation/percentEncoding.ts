/**
 * Percent-encoding of baggage values, as W3C Baggage defines it.
 *
 * `decodeURIComponent` alone will not do, as it throws on bytes that are not UTF-8, and `encodeURIComponent` alone
 * neither: it throws on lone surrogates, and it encodes more than it must, so that a value which fitted when it came
 * in would no longer fit when it goes on.
 */
import { consistsOf } from "./scan.js";

/** Punctuation that may stand for itself in a value: `baggage-octet` without `%`, which starts an escape. */
const PLAIN_PUNCTUATION = "!#$&'()*+-./:<=>?@[]^_`{|}~";

/** The same with `%`: all of `baggage-octet`. */
const ENCODED_PUNCTUATION = `%${PLAIN_PUNCTUATION}`;

/** Runs of what must be encoded: all but {@link PLAIN_PUNCTUATION}, letters and digits. */
const MUST_ENCODE = /[^\x21\x23\x24\x26-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]+/g;

/** In Unicode mode a surrogate matches only where it is not half of a pair. */
const LONE_SURROGATE = /[\ud800-\udfff]/gu;

const PERCENT = 0x25;
const HEX_BYTE = /^[0-9a-f]{2}$/i;

function encodeRun(run: string): string {
  return encodeURIComponent(run.replace(LONE_SURROGATE, "\ufffd"));
}

/** Encodes text so that it is legal as a baggage value. Lone surrogates become U+FFFD. Never throws. */
export function encodePercent(text: string): string {
  return consistsOf(text, PLAIN_PUNCTUATION) ? text : text.replace(MUST_ENCODE, encodeRun);
}

/** True if `text` is legal as an encoded value, whether or not its escapes are complete. */
export function isEncoded(text: string): boolean {
  return consistsOf(text, ENCODED_PUNCTUATION);
}

/** The bytes of ASCII text, its escapes resolved. A `%` that starts no escape stands for itself. */
function toBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  let length = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const digits = code === PERCENT ? text.slice(at + 1, at + 3) : "";
    const isEscape = HEX_BYTE.test(digits);
    bytes[length++] = isEscape ? Number.parseInt(digits, 16) : code;
    if (isEscape) at += 2;
  }
  return bytes.subarray(0, length);
}

/** Decodes the escapes in ASCII text. Bytes that are not UTF-8 become U+FFFD. Never throws. */
export function decodePercent(text: string): string {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    // A byte order mark is part of the value, as it is for decodeURIComponent.
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(toBytes(text));
  }
}
