/** The examples of the specification: text and summary, one fingerprint or two, and what must not leak. */
import { describe, expect, it } from "vitest";
import { fingerprintSql } from "../../../src/adapters/sql/index.js";
import examples from "./examples.json" with { type: "json" };

interface Example {
  readonly kind: string;
  readonly dialect: string;
  readonly sql?: string;
  readonly text?: string;
  readonly summary?: string | null;
  readonly a?: string;
  readonly b?: string;
  readonly mustNotContain?: readonly string[];
}

const all: readonly Example[] = examples;
const of = (kind: string) => all.filter((example) => example.kind === kind);
const read = (sql: string | undefined, dialect: string) => fingerprintSql(sql ?? "", { dialect });

describe("examples", () => {
  it("are all of a kind that is tested", () => {
    const kinds = ["text", "same-fingerprint", "different-fingerprint", "no-leak"];
    expect(kinds.flatMap(of)).toHaveLength(all.length);
    expect(all).toHaveLength(48);
  });

  it.each(of("text"))("$dialect: $sql", ({ sql, dialect, text, summary }) => {
    expect(read(sql, dialect)).toMatchObject({ text, summary });
  });

  it.each(of("same-fingerprint"))("one fingerprint: $a and $b", ({ a, b, dialect }) => {
    expect(read(a, dialect).fingerprint).toBe(read(b, dialect).fingerprint);
  });

  it.each(of("different-fingerprint"))("two fingerprints: $a and $b", ({ a, b, dialect }) => {
    expect(read(a, dialect).fingerprint).not.toBe(read(b, dialect).fingerprint);
  });

  it.each(of("no-leak"))("no leak: $sql", ({ sql, dialect, mustNotContain }) => {
    const told = JSON.stringify(read(sql, dialect));
    expect((mustNotContain ?? []).filter((secret) => told.includes(secret))).toEqual([]);
  });
});
