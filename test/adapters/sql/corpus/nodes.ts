/** Statements as lists of parts that can be written in many ways: other literals, lists of other lengths, other white space. */
import type { Literal } from "./literals.js";
import type { Random } from "./random.js";

/** A part of a statement. */
export type Part =
  | { readonly kind: "word" | "name" | "symbol"; readonly text: string }
  /** A literal, or one that has to be a number. */
  | { readonly kind: "literal" | "number" }
  /** Values, or rows of values, as many as one likes; `in` is the list of an IN, which collapses in the text. */
  | { readonly kind: "values" | "rows" | "in"; readonly item: readonly Part[] };

/** A statement, and what its summary is. */
export interface Statement {
  readonly parts: readonly Part[];
  readonly summary: string;
}

/** How to write a statement. */
export interface Style {
  readonly literal: () => Literal;
  readonly random: Random;
  /** How many items a list has. */
  readonly listLength: (random: Random) => number;
  /** What stands between two parts. */
  readonly gap: (random: Random) => string;
  /** Writes a keyword. */
  readonly word: (text: string, random: Random) => string;
}

/** A written statement. */
export interface Written {
  readonly sql: string;
  /** The text it has to have, if the style leaves white space as it is. */
  readonly text: string;
  readonly sentinels: readonly string[];
  /** Its words and names, which have to be found in its text, in this order. */
  readonly structure: readonly string[];
}

export const plainGap = (): string => " ";
export const asIs = (text: string): string => text;

export function write(parts: readonly Part[], style: Style): Written {
  const sql: string[] = [];
  const text: string[] = [];
  const sentinels: string[] = [];
  const structure: string[] = [];
  const put = (written: string, kept = written): void => {
    sql.push(written);
    text.push(kept);
  };
  const writePart = (part: Part): void => {
    switch (part.kind) {
      case "literal": {
        const { sql: literal, sentinel } = style.literal();
        sentinels.push(sentinel);
        // The type before a literal stays.
        const type = /^(date |json)/i.exec(literal)?.[0] ?? "";
        return put(literal, `${type}?`);
      }
      case "word":
      case "name": {
        const written = part.kind === "word" ? style.word(part.text, style.random) : part.text;
        structure.push(written);
        return put(written);
      }
      case "symbol":
        return put(part.text);
      case "number":
        return put(String(style.random.below(1000)), "?");
      default:
        return writeList(part.kind, part.item);
    }
  };
  const writeList = (kind: "values" | "rows" | "in", item: readonly Part[]): void => {
    const before = text.length;
    const length = style.listLength(style.random);
    for (let i = 0; i < length; i++) {
      if (i > 0) put(",");
      if (kind === "rows") put("(");
      item.forEach(writePart);
      if (kind === "rows") put(")");
    }
    // Lists of values alone become one.
    if (kind === "in" && text.slice(before).every((kept) => kept === "?" || kept === ",")) {
      text.length = before - 1;
      text.push("(?");
    }
  };
  parts.forEach(writePart);
  return { sql: join(sql, style), text: text.join(" ").replaceAll("(? )", "(?)"), sentinels, structure };
}

function join(pieces: readonly string[], { gap, random }: Style): string {
  return pieces.map((piece, i) => (i === 0 ? piece : gap(random) + piece)).join("");
}
