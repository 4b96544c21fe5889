/** What holds for any text at all, and for statements of any length. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { traitsOf } from "../../../src/adapters/sql/dialects.js";
import { fingerprintSql } from "../../../src/adapters/sql/index.js";
import { Lexer } from "../../../src/adapters/sql/lexer.js";
import { Tokens } from "../../../src/adapters/sql/tokens.js";
import { DIALECTS } from "./corpus/literals.js";

/** The same cases on every run. */
const runs = { seed: 20_260_101, numRuns: 1500 };

const PIECES = [
  ..."'\"`[]()$;,.?:@#/*-+=<>!%&|^~ \\\n\t09aeEnNqxUu_é猫\0",
  ...[
    "--",
    "/*",
    "*/",
    "/*!",
    "$$",
    "$a$",
    "q'[",
    "]'",
    "E'",
    "U&'",
    "''",
    "\\'",
    "0x",
    "1e",
    "::",
    "@@",
    "::text",
    "M!5",
  ],
  ...[
    "SELECT ",
    " FROM ",
    " IN (",
    "WITH a AS (",
    "INSERT INTO ",
    "VALUES ",
    " AS ",
    "date ",
    " NULL",
    "IDENTIFIED BY ",
  ],
  ...["CREATE USER ", " PASSWORD ", "UPDATE ", " SET ", "TRUE", "IS NOT ", "CALL ", "BEGIN", " JOIN ", "(SELECT "],
];

const dialect = fc.constantFrom(...DIALECTS);
const text = fc.oneof(
  fc.array(fc.constantFrom(...PIECES), { maxLength: 40 }).map((pieces) => pieces.join("")),
  fc.string({ unit: "binary", maxLength: 100 }),
);

describe("any text", () => {
  it("is read without an exception, into outputs of bounded length", () => {
    fc.assert(
      fc.property(text, dialect, (sql, dialect) => {
        const result = fingerprintSql(sql, { dialect });
        expect(result.fingerprint).toMatch(/^v1:[0-9a-hjkmnp-tv-z]{13}$/);
        expect(result.text.length).toBeLessThanOrEqual(2 * sql.length + 2);
        expect(result.summary?.length ?? 0).toBeLessThanOrEqual(255);
        expect(result).toEqual(fingerprintSql(sql, { dialect }));
      }),
      runs,
    );
  });

  it("has no single-quoted string left in its text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme-ascii", maxLength: 20 }), dialect, (value, dialect) => {
        const escaped = value.replaceAll("'", "''").replaceAll("\\", "\\\\");
        const result = fingerprintSql(`SELECT a FROM t WHERE b = 'x${escaped}' AND c = 1`, { dialect });
        expect(result.text).toBe("SELECT a FROM t WHERE b = ? AND c = ?");
      }),
      runs,
    );
  });

  it("has a text without anything more to take out", () => {
    fc.assert(
      fc.property(text, dialect, (sql, dialect) => {
        const once = fingerprintSql(sql, { dialect });
        // Where the rest was cut off, what is left may end within a word.
        fc.pre(once.rest === "kept" && !/[\\$"`[\]:@#/*!-]/.test(sql));
        expect(fingerprintSql(once.text, { dialect }).text).toBe(once.text);
      }),
      runs,
    );
  });
});

/** A string that counts how often somebody looks at one of its characters. */
function readsOf(sql: string, dialect: string): number {
  let reads = 0;
  const counted = new Proxy(new String(sql), {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      const method = value.bind(target) as (...given: unknown[]) => unknown;
      if (name === "charCodeAt" || name === "charAt") return (at: unknown) => (reads++, method(at));
      return (...given: unknown[]) => {
        const result = method(...given);
        // A search looks at what it skips, a slice at what it takes.
        if (name === "indexOf")
          reads += (result as number) < 0 ? sql.length : (result as number) - (given[1] as number);
        if (name === "slice") reads += String(result).length;
        return result;
      };
    },
  }) as unknown as string;
  const traits = traitsOf(dialect);
  const tokens = new Tokens(counted, sql.length, traits, 1 << 15);
  new Lexer(counted, sql.length, traits, tokens).read();
  return reads;
}

describe("the work", () => {
  const pieces = [
    "'",
    "''",
    '"',
    "`",
    "[",
    "[a",
    "(",
    ")",
    "/*",
    "/*!",
    "--",
    "-",
    "+-",
    "$",
    "$a$b",
    "\\'",
    "q'[",
    "1,",
    "1e",
  ];
  const statements = [
    "e'a' ",
    "a.",
    ".",
    " ",
    " /**/",
    "(SELECT a FROM t WHERE b IN ",
    "WITH a AS (",
    "(1, 'a'), ",
    ";",
    "a",
    "é",
  ];

  it.each([...pieces, ...statements, "0x", ":", "@a@", "?", "<>=", "date ", "x IN (1, 2) "])(
    "for %j again and again grows as its length does",
    (piece) => {
      for (const dialect of DIALECTS) {
        const sql = `SELECT ${piece.repeat(500)}`;
        // Characters are looked at by what finds a token, by what reads it, and by what looks ahead by one.
        expect(readsOf(sql, dialect)).toBeLessThan(12 * sql.length);
      }
    },
  );

  it("stops after 262,144 characters, and writes 32,768", () => {
    const insert = (rows: number): string => `INSERT INTO t VALUES ${"(1, 'a'), ".repeat(rows)}(2, f('b'))`;
    const result = fingerprintSql(insert(100_000), { dialect: "postgresql" });
    expect(result).toMatchObject({ rest: "truncated", summary: "INSERT t" });
    expect(result.text).toHaveLength(32_768);
    // The row in which it stopped does not count.
    const { fingerprint } = fingerprintSql("INSERT INTO t VALUES (1, 'a')");
    expect(result.fingerprint).toBe(fingerprint);
    expect(fingerprintSql(insert(25_000))).toMatchObject({ rest: "truncated" });
    expect(fingerprintSql(insert(25_000)).fingerprint).not.toBe(fingerprint);
    expect(fingerprintSql(insert(1000)).rest).toBe("kept");
  });

  it("of many rows has the fingerprint of one row", () => {
    const many = `INSERT INTO t VALUES ${"(1, 'a'), ".repeat(20_000)}(2, 'b') ON CONFLICT DO NOTHING`;
    expect(fingerprintSql(many).fingerprint).toBe(
      fingerprintSql("INSERT INTO t VALUES (3, 'c') ON CONFLICT DO NOTHING").fingerprint,
    );
  });

  it("tells statements apart that nest deeper than anybody writes them", () => {
    const nested = (inner: string): string => `SELECT ${"(".repeat(5000)}${inner}${")".repeat(5000)} FROM t`;
    expect(fingerprintSql(nested("a")).fingerprint).not.toBe(fingerprintSql(nested("b")).fingerprint);
    expect(fingerprintSql(nested("1, 2")).fingerprint).toBe(fingerprintSql(nested("3")).fingerprint);
  });
});
