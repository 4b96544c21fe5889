/**
 * Base64, for attributes that hold bytes and for Basic credentials. Convex's default runtime has no `Buffer`, and
 * `btoa` takes a string of characters, which bytes would first have to be copied into.
 */

/** The alphabet of RFC 4648 §4. */
const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** @internal Encodes bytes as padded base64. */
export function base64(bytes: Uint8Array): string {
  let text = "";
  for (let index = 0; index < bytes.length; index += 3) {
    text += group(bytes, index);
  }
  return text;
}

/** Four characters for the up to three bytes from `index` on. */
function group(bytes: Uint8Array, index: number): string {
  const left = bytes.length - index;
  const bits = ((bytes[index] ?? 0) << 16) | ((bytes[index + 1] ?? 0) << 8) | (bytes[index + 2] ?? 0);
  return (
    ALPHABET.charAt(bits >> 18) +
    ALPHABET.charAt((bits >> 12) & 63) +
    (left > 1 ? ALPHABET.charAt((bits >> 6) & 63) : "=") +
    (left > 2 ? ALPHABET.charAt(bits & 63) : "=")
  );
}
