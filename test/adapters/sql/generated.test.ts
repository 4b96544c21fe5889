/** Statements of every dialect, with a sentinel in every literal: text, summary, leaks, and what has one fingerprint. */
import { describe, expect, it } from "vitest";
import { fingerprintSql } from "../../../src/adapters/sql/index.js";
import { DIALECTS, literalsOf } from "./corpus/literals.js";
import { write, type Written } from "./corpus/nodes.js";
import { seeded } from "./corpus/random.js";
import { Statements } from "./corpus/statements.js";
import { nearMisses, plainStyle, wildStyle } from "./corpus/variants.js";

const COUNT = 300;

describe.each(DIALECTS)("generated statements of %s", (dialect) => {
  const random = seeded(20_260_101 + DIALECTS.indexOf(dialect));
  const statements = new Statements(dialect, random);
  const literal = literalsOf(dialect, random);
  const plain = plainStyle(literal, random);
  const wild = wildStyle(literal, random);
  const corpus = Array.from({ length: COUNT }, () => statements.next());
  const read = (sql: string) => fingerprintSql(sql, { dialect });

  const leaks = ({ sql, sentinels }: Written): string[] => {
    const told = JSON.stringify(read(sql));
    return sentinels.filter((sentinel) => told.includes(sentinel)).map((sentinel) => `${sentinel} of ${sql}`);
  };

  it("have no literal in what is told of them", () => {
    expect(corpus.flatMap(({ parts }) => leaks(write(parts, plain)))).toEqual([]);
    expect(corpus.flatMap(({ parts }) => leaks(write(parts, wild)))).toEqual([]);
  });

  it("have none either when they are cut anywhere", () => {
    const cut = corpus.flatMap(({ parts }) => {
      const { sql, sentinels } = write(parts, plain);
      const at = random.below(sql.length);
      // What is left of a sentinel must not show: its last letters or digits would.
      return sentinels.flatMap((sentinel) => {
        const start = sql.indexOf(sentinel);
        const left = sql.slice(0, at).slice(start, start + sentinel.length);
        const isShown = start >= 0 && left.length > 3 && JSON.stringify(read(sql.slice(0, at))).includes(left);
        return isShown ? [`${left} of ${sql.slice(0, at)}`] : [];
      });
    });
    expect(cut).toEqual([]);
  });

  it("keep all but their literals", () => {
    for (const { parts, summary } of corpus) {
      const { sql, text } = write(parts, plain);
      expect(read(sql)).toMatchObject({ text, summary, rest: "kept" });
    }
  });

  it("have one fingerprint, whatever their literals, lists, white space and comments", () => {
    for (const { parts } of corpus) {
      const one = write(parts, plain).sql;
      const other = write(parts, wild).sql;
      expect([other, read(other).fingerprint]).toEqual([other, read(one).fingerprint]);
      expect(read(`${one} /*traceparent='00-ab-cd-01'*/;`).fingerprint).toBe(read(one).fingerprint);
      // The text of a statement says the same as the statement.
      expect(read(read(other).text)).toMatchObject({ fingerprint: read(one).fingerprint });
    }
  });

  it("have another fingerprint when a column, table, operator or join is another", () => {
    for (const { parts } of corpus) {
      const { fingerprint } = read(write(parts, plain).sql);
      for (const miss of nearMisses(parts)) {
        const { sql } = write(miss.parts, plain);
        expect([miss.what, sql, read(sql).fingerprint]).not.toEqual([miss.what, sql, fingerprint]);
      }
    }
  });
});
