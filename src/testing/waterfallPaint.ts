/**
 * Colours of the waterfall, or none.
 */
import type { SpanKind } from "../core/types.js";

/** What a piece of text is, which decides its colour. */
export type PaintStyle = SpanKind | "error" | "faint" | "strong";

/** Colours a text. */
export type Paint = (style: PaintStyle, text: string) => string;

/** ANSI SGR parameters (ECMA-48, 8.3.117). The 16 basic colours only: they follow the theme of the terminal. */
const SGR: Readonly<Record<PaintStyle, string>> = {
  internal: "37",
  server: "34",
  client: "36",
  producer: "35",
  consumer: "32",
  error: "1;31",
  faint: "2",
  strong: "1",
};

/** A {@link Paint} that colours, or one that leaves text as it is. */
export function painter(color: boolean): Paint {
  if (!color) return (_, text) => text;
  return (style, text) => (text.trim() === "" ? text : `\u001b[${SGR[style]}m${text}\u001b[0m`);
}
