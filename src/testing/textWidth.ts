/**
 * How many terminal columns a text takes, so that tables stay aligned when names hold Chinese, emoji or accents.
 * Covers what terminals agree on; it is not a full implementation of Unicode's width rules.
 */

/** Takes no column of its own: combining marks, zero-width characters, variation selectors. */
const ZERO_WIDTH = /^[\p{M}\p{Cf}]$/u;

/** Takes two columns: East Asian scripts and full-width forms (Unicode Standard Annex 11), and emoji. */
const WIDE =
  /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]$/;
const EMOJI = /^\p{Emoji_Presentation}$/u;

/** The last code points with two columns each: planes 2 and 3 are ideographs. */
const IDEOGRAPHIC_PLANES = 0x20000;

/** Columns of a text without control characters. */
export function textWidth(text: string): number {
  let width = 0;
  for (const char of text) width += charWidth(char);
  return width;
}

/** Makes a text exactly `width` columns wide: cut with `…` if it is longer, padded with spaces if it is shorter. */
export function fit(text: string, width: number): string {
  const cut = cutTo(text, width);
  return cut + " ".repeat(Math.max(0, width - textWidth(cut)));
}

/** Cuts a text that is wider than `width` columns, and says so with `…`. */
export function cutTo(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let kept = "";
  let columns = 0;
  for (const char of text) {
    columns += charWidth(char);
    if (columns > width - 1) break;
    kept += char;
  }
  return width < 1 ? "" : `${kept}…`;
}

function charWidth(char: string): number {
  if (ZERO_WIDTH.test(char)) return 0;
  const isWide = WIDE.test(char) || EMOJI.test(char) || (char.codePointAt(0) ?? 0) >= IDEOGRAPHIC_PLANES;
  return isWide ? 2 : 1;
}
