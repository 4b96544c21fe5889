/**
 * The reader of SQL, broken on purpose: each mistake that could be made in it is noticed by the statements of this folder. A
 * mutant whose place in the source is gone fails its test, so that none is kept for show.
 */
import { readFileSync } from "node:fs";
import { basename, resolve } from "node:path";
import { build } from "esbuild";
import { describe, expect, it } from "vitest";
import type * as sql from "../../../src/adapters/sql/index.js";
import { DIALECTS, literalsOf } from "./corpus/literals.js";
import { write } from "./corpus/nodes.js";
import { seeded } from "./corpus/random.js";
import { Statements } from "./corpus/statements.js";
import { SUMMARIES } from "./corpus/summaries.js";
import { nearMisses, plainStyle, wildStyle } from "./corpus/variants.js";

const folder = resolve(import.meta.dirname, "../../../src/adapters/sql");

interface Mutant {
  readonly name: string;
  readonly file: string;
  readonly replace: string;
  readonly by: string;
}

const MUTANTS: readonly Mutant[] = [
  {
    name: "a doubled quote ends a string",
    file: "literals.ts",
    replace: "if (sql.charCodeAt(at + 1) !== quote || at + 1 === end) return at + 1;\n    at++;",
    by: "return at + 1;",
  },
  { name: "a backslash escapes everywhere", file: "literals.ts", replace: 'backslash === "plain"', by: 'backslash === "x"' },
  { name: "a backslash escapes nowhere", file: "dialects.ts", replace: '  backslash: "escape",', by: '  backslash: "plain",' },
  { name: "E'' does not escape", file: "stringPrefix.ts", replace: 'prefix === "e"', by: 'prefix === "x"' },
  { name: "double quotes are names in MySQL", file: "dialects.ts", replace: 'doubleQuotes: "string"', by: 'doubleQuotes: "name"' },
  { name: "double quotes are names in SQLite", file: "dialects.ts", replace: 'doubleQuotes: "lenient"', by: 'doubleQuotes: "name"' },
  { name: "double quotes are strings in SQLite", file: "quotedWords.ts", replace: "return this.#isPlaceOfName || ", by: "return " },
  { name: "there are no dollar quotes", file: "dollars.ts", replace: "return tag === undefined ?", by: "return true ?" },
  { name: "q'' is a string like others", file: "stringPrefix.ts", replace: "traits.alternativeQuotes &&", by: "false &&" },
  { name: "a number keeps its sign", file: "lexer.ts", replace: "const isPart = !", by: "const isPart = false && !" },
  { name: "a number ends at its exponent", file: "numbers.ts", replace: "!== LETTER_E) return", by: "!== 0) return" },
  { name: "comments do not end at line ends", file: "literals.ts", replace: "code === NEWLINE || code === RETURN", by: "false" },
  { name: "comments stay", file: "lexer.ts", replace: "tokens.text.replace(start, at,", by: "isComment || tokens.text.replace(start, at," },
  { name: "white space stays", file: "lexer.ts", replace: "tokens.text.replace(start, at,", by: "isComment && tokens.text.replace(start, at," },
  { name: "lists of IN stay", file: "tokens.ts", replace: "this.text.collapseList(this.at)", by: "undefined" },
  { name: "lists count in the fingerprint", file: "shape.ts", replace: "this.#pending === COMMA && this.#last === LITERAL", by: "false" },
  { name: "rows count in the fingerprint", file: "shape.ts", replace: "if (isRepeated)", by: "if (false)" },
  { name: "rows that differ are folded", file: "shape.ts", replace: " && frame[top + 4] === groupA && frame[top + 5] === groupB", by: "" },
  { name: "case counts in the fingerprint", file: "characters.ts", replace: "character.toLowerCase().charCodeAt(0)", by: "code" },
  { name: "operators do not count", file: "shape.ts", replace: "this.word(code, code);", by: "return;" },
  { name: "parentheses do not count", file: "shape.ts", replace: "this.#a = mixA(SEED_A, OPEN);\n    this.#b = mixB(SEED_B, OPEN);", by: "" },
  { name: "the last semicolon counts", file: "shape.ts", replace: "if (separator === SEMICOLON || isItem)", by: "if (isItem)" },
  { name: "common table expressions are targets", file: "summary.ts", replace: "expected !== TABLE || !this.#isExpression(start, end)", by: "true" },
  { name: "commas add no tables", file: "summary.ts", replace: "this.#depth === level.tablesDepth) level.expected = TABLE", by: "false) level.expected = TABLE" },
  { name: "literals can be targets", file: "summary.ts", replace: "if (this.#depth === this.#level.depth) this.#level.expected", by: "if (false) this.#level.expected" },
]; // prettier-ignore

async function load(mutant?: Mutant): Promise<typeof sql> {
  const plugin = {
    name: "mutant",
    setup: (setup: {
      onLoad: (filter: { filter: RegExp }, load: (args: { path: string }) => object | undefined) => void;
    }) =>
      setup.onLoad({ filter: /adapters\/sql\/[^/]*\.ts$/ }, ({ path }) => {
        const source = readFileSync(path, "utf8");
        if (mutant === undefined || basename(path) !== mutant.file) return undefined;
        if (!source.includes(mutant.replace)) throw new Error(`${mutant.file} no longer has ${mutant.replace}`);
        return { contents: source.replace(mutant.replace, () => mutant.by), loader: "ts" };
      }),
  };
  const entry = resolve(folder, "index.ts");
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format: "esm",
    plugins: [plugin],
    logLevel: "silent",
  });
  const code = Buffer.from(result.outputFiles[0]?.contents ?? []).toString("base64");
  return (await import(/* @vite-ignore */ `data:text/javascript;base64,${code}`)) as typeof sql;
}

/** The first statement that something wrong is said of. */
function problemOf({ fingerprintSql }: typeof sql): string | undefined {
  const wrong = SUMMARIES.find(([statement, summary]) => fingerprintSql(statement).summary !== summary);
  if (wrong !== undefined) return wrong[0];
  for (const dialect of DIALECTS) {
    const random = seeded(7);
    const statements = new Statements(dialect, random);
    const literal = literalsOf(dialect, random);
    const read = (statement: string) => fingerprintSql(statement, { dialect });
    for (let i = 0; i < 120; i++) {
      const { parts, summary } = statements.next();
      const plain = write(parts, plainStyle(literal, random));
      const wild = write(parts, wildStyle(literal, random));
      const told = read(plain.sql);
      const toldOfWild = read(wild.sql).text;
      const isRight =
        told.text === plain.text &&
        told.summary === summary &&
        told.fingerprint === read(`${wild.sql};`).fingerprint &&
        !wild.sentinels.some((sentinel) => toldOfWild.includes(sentinel)) &&
        !/\s\s|\n|\/\*|--/.test(toldOfWild) &&
        nearMisses(parts).every(
          (miss) => read(write(miss.parts, plainStyle(literal, random)).sql).fingerprint !== told.fingerprint,
        );
      if (!isRight) return plain.sql;
    }
  }
  if (fingerprintSql(QUOTED, { dialect: "sqlite" }).text !== QUOTED) return QUOTED;
  return OTHERS.find(([a, b]) => fingerprintSql(a).fingerprint === fingerprintSql(b).fingerprint)?.[0];
}

/** Names that nothing but their place tells from strings. */
const QUOTED = 'SELECT "a" FROM t WHERE "b" IS NULL ORDER BY "c"';

/** Statements that differ in something that the generator does not vary. */
const OTHERS = [
  ["SELECT a FROM t WHERE b OR (c AND d)", "SELECT a FROM t WHERE (b OR c) AND d"],
  ["INSERT INTO t VALUES (1, a)", "INSERT INTO t VALUES (1, a), (1, b)"],
] as const;

describe("the statements of this folder notice that", () => {
  it("nothing is wrong with the reader as it is", async () => {
    expect(problemOf(await load())).toBeUndefined();
  });

  it.each(MUTANTS)("$name", async (mutant) => {
    expect(problemOf(await load(mutant))).toBeDefined();
  });
});
