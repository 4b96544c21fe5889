/**
 * HTML from a template that cannot be injected into: whatever is put in is text, unless it was made by this template itself.
 */

/** A piece of HTML. Only made by {@link html} and {@link trusted}. */
export class Html {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  toString(): string {
    return this.#text;
  }
}

/** What can be put into a template: HTML as it is, lists one after the other, nothing for `undefined`, the rest as text. */
export type HtmlValue = Html | string | number | undefined | readonly HtmlValue[];

/** Of the source, which is of no use in the page. */
const INDENTATION = /\n\s+/g;

/** A template. Values are escaped for text and for attributes in quotes, the two places they may stand in. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return new Html(strings.map((text, index) => text.replace(INDENTATION, "\n") + rendered(values[index])).join(""));
}

/** HTML, style or script that is written in this project. Never anything from outside. */
export function trusted(text: string): Html {
  return new Html(text);
}

function rendered(value: HtmlValue): string {
  if (value === undefined) return "";
  if (value instanceof Html) return value.toString();
  if (typeof value === "string") return escapeHtml(value);
  return typeof value === "number" ? String(value) : value.map(rendered).join("");
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/**
 * Text as HTML. Control characters are written out, as a page shows nothing of them, but for line breaks and tabs; so are
 * characters that turn the direction of what follows, and halves of a pair.
 */
function escapeHtml(text: string): string {
  return visibleText(text).replace(/[&<>"']/g, (char) => ENTITIES[char] ?? char);
}

/** The text that a reader of the page sees. */
export function visibleText(text: string): string {
  return text
    .replace(/\r\n?/g, "\n")
    .replace(
      /(?![\n\t])\p{Cc}|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]|\p{Cs}|\p{Noncharacter_Code_Point}/gu,
      (char) => {
        return `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;
      },
    );
}
