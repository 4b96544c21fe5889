/** Other ways to write the same statement, and statements that are nearly the same. */
import { asIs, type Part, plainGap, type Style } from "./nodes.js";
import type { Random } from "./random.js";

/** The plainest way: one space between parts, words as they are. */
export function plainStyle(literal: Style["literal"], random: Random): Style {
  return { literal, random, listLength: (r) => 1 + r.below(5), gap: plainGap, word: asIs };
}

const GAPS = ["  ", "\n", "\t", "\r\n  ", " /* it's a comment */ ", "/**/", " -- don't stop\n", " /* a; b */\n"];

/** Other white space, comments and case of words. */
export function wildStyle(literal: Style["literal"], random: Random): Style {
  return {
    literal,
    random,
    listLength: (r) => r.pick([1, 2, 3, 7, 40]),
    gap: (r) => (r.chance(0.6) ? " " : r.pick(GAPS)),
    word: (text, r) => (r.chance(0.5) ? text.toLowerCase() : text),
  };
}

/** A statement with one thing changed that makes it another one. */
export interface NearMiss {
  readonly what: "column" | "table" | "operator" | "join" | "word";
  readonly parts: readonly Part[];
}

const OTHER_OPERATORS: Readonly<Record<string, string>> = {
  "=": "<",
  "<>": "=",
  "<": ">",
  ">": "<",
  "<=": ">=",
  ">=": "<",
};
const OTHER_WORDS: Readonly<Record<string, string>> = {
  AND: "OR",
  OR: "AND",
  MAX: "MIN",
  COALESCE: "NULLIF",
  DESC: "ASC",
};
const OTHER_JOINS: Readonly<Record<string, string>> = { LEFT: "RIGHT", RIGHT: "LEFT", FULL: "LEFT" };
/** What a result is called, and what common table expressions are called, makes no other statement. */
const CALLED = new Set(["total", "recent"]);

/** All near misses of a statement. */
export function nearMisses(parts: readonly Part[]): NearMiss[] {
  return parts.flatMap((part, at): NearMiss[] => {
    const swap = (what: NearMiss["what"], by: Part): NearMiss => ({ what, parts: parts.with(at, by) });
    const before = parts[at - 1];
    if (part.kind === "name" && !CALLED.has(part.text)) {
      const isTable = before?.kind === "word" && /^(FROM|JOIN|INTO|UPDATE|TABLE)$/.test(before.text);
      return [swap(isTable ? "table" : "column", { ...part, text: renamed(part.text) })];
    }
    const other =
      part.kind === "symbol"
        ? ([["operator", OTHER_OPERATORS]] as const)
        : ([["word", OTHER_WORDS], ["join", OTHER_JOINS]] as const); // prettier-ignore
    if (part.kind !== "symbol" && part.kind !== "word") return [];
    return other.flatMap(([what, others]) => {
      const text = others[part.text];
      return text === undefined || part.text === text ? [] : [swap(what, { ...part, text })];
    });
  });
}

/** The same name with one letter more in its last part, inside of quotes. */
function renamed(text: string): string {
  return /["`\]]$/.test(text) ? `${text.slice(0, -1)}x${text.slice(-1)}` : `${text}x`;
}
