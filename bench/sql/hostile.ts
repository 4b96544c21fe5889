/** Input that makes careless readers slow: a megabyte of quotes, parentheses, comments; binary; random characters. */
import { fingerprintSql } from "convex-otel/sql";
import { DIALECTS } from "../../test/adapters/sql/corpus/literals.js";
import { seeded } from "../../test/adapters/sql/corpus/random.js";
import { cpuClock } from "../harness/interleave.js";
import { type Metric, milliseconds, factor } from "./metric.js";

const MEGABYTE = 1 << 20;

/** Repeated until the input is long enough. */
const PIECES: Readonly<Record<string, string>> = {
  "single quotes": "'",
  "double quotes": '"',
  backticks: "`",
  "quotes of all kinds": "'\"`",
  parentheses: "(",
  "closing parentheses": ")",
  brackets: "[",
  "bracketed names": "[a",
  "comments that open": "/*",
  "nested comments": "/* a ",
  "line comments": "--\n",
  dashes: "-",
  "signs before a number": "+-",
  dollars: "$",
  "dollar tags": "$a$b",
  "many dollar tags": "$a1 $",
  backslashes: "\\'",
  "alternative quotes": "q'[",
  "words and quotes": "e'a' ",
  numbers: "1,",
  exponents: "1e",
  "dots between names": "a.",
  dots: ".",
  spaces: " ",
  "spaces and comments": " /**/",
  commas: ",",
  subqueries: "(SELECT a FROM t WHERE b IN ",
  "common table expressions": "WITH a AS (",
  "rows of values": "(1, 'a', NULL), ",
  "lists of an IN": "a IN (1, 2) AND ",
  semicolons: ";",
  statements: "SELECT a FROM t; ",
  "one long name": "a",
  "non-ASCII": "é猫 ",
  colons: "::a",
  "at signs": "@a@",
  question: "? ",
  operators: "<>=!",
  "executable comments": "/*!50000 a */ ",
  types: "date ",
};

export function hostile(): Metric[] {
  let slowest = { name: "", time: 0 };
  let growth = { name: "", ratio: 0 };
  for (const [name, piece] of Object.entries(PIECES)) {
    for (const dialect of ["postgresql", "mysql", "sqlite", "other_sql"]) {
      const time = timeOf(input(piece, MEGABYTE), dialect);
      if (time > slowest.time) slowest = { name: `${name}, ${dialect}`, time };
      // Of a megabyte, no more than a quarter is read: that much in one statement, and in eight.
      const ratio = timeOf(input(piece, MEGABYTE / 4), dialect) / timeOf(input(piece, MEGABYTE / 32), dialect, 8);
      // Below a millisecond the clock and the garbage collector say more than the input.
      if (time > 1 && ratio > growth.ratio) growth = { name: `${name}, ${dialect}`, ratio };
    }
  }
  return [
    { what: "exceptions on random input", value: exceptions(), bar: { atMost: 0 }, note: "20,000 texts" },
    {
      what: "1 MB of hostile input, slowest",
      value: slowest.time,
      bar: { atMost: 150 },
      stretch: { atMost: 20 },
      format: milliseconds,
      note: `${slowest.name}; processor time, best of three`,
    },
    {
      what: "time of one long statement / of eight short ones",
      value: growth.ratio,
      bar: { atMost: 2 },
      format: factor,
      note: growth.name,
    },
  ];
}

function input(piece: string, length: number): string {
  return `SELECT ${piece.repeat(Math.ceil(length / piece.length))}`.slice(0, length);
}

/** Processor time, the best of three: on a busy machine the clock says how long others worked. */
function timeOf(sql: string, dialect: string, count = 1): number {
  const times = [1, 2, 3].map(() => {
    const start = cpuClock();
    for (let i = 0; i < count; i++) fingerprintSql(sql, { dialect });
    return cpuClock() - start;
  });
  return Math.min(...times);
}

function exceptions(): number {
  const random = seeded(1);
  const pieces = Object.values(PIECES);
  let count = 0;
  for (let i = 0; i < 20_000; i++) {
    const length = random.below(60);
    const text = Array.from({ length }, () =>
      random.chance(0.7) ? random.pick(pieces) : String.fromCharCode(random.below(random.chance(0.5) ? 128 : 65_536)),
    ).join("");
    try {
      fingerprintSql(text, { dialect: random.pick(DIALECTS) });
    } catch {
      count++;
    }
  }
  return count;
}
