/** Batches: one summary or several, each text once, sizes that are sizes of batches. */
import { describe, expect, it } from "vitest";
import { fingerprintSql, summarizeBatch } from "../../../src/adapters/sql/index.js";

const read = (...statements: string[]) =>
  summarizeBatch(statements.map((sql) => fingerprintSql(sql, { dialect: "postgresql" })));
const fingerprint = (sql: string) => fingerprintSql(sql, { dialect: "postgresql" }).fingerprint;

describe("summarizeBatch", () => {
  it.each([
    ["of nothing", [], "", "BATCH", 0],
    ["of one statement, which is no batch", ["SELECT a FROM t"], "SELECT a FROM t", "SELECT t", undefined],
    ["of one text", ["DELETE FROM t WHERE a = 1", "DELETE FROM t WHERE a = 2"], "DELETE FROM t WHERE a = ?", "BATCH DELETE t", 2], // prettier-ignore
    ["of one summary", ["SELECT a FROM t", "SELECT b FROM t"], "SELECT a FROM t; SELECT b FROM t", "BATCH SELECT t", 2],
    ["of two summaries", ["SELECT a FROM t", "DELETE FROM t", "SELECT a FROM t"], "SELECT a FROM t; DELETE FROM t", "BATCH", 3], // prettier-ignore
    ["without a summary", ["SET a = 1", "SET a = 2"], "SET a = ?", "BATCH", 2],
  ])("%s", (_what, statements, text, summary, size) => {
    expect(read(...statements)).toMatchObject({ text, summary, size });
  });

  it("has a fingerprint if all statements share it", () => {
    expect(read("SELECT 1", "SELECT 2").fingerprint).toBe(fingerprint("SELECT 3"));
    expect(read("SELECT a", "SELECT b").fingerprint).toBeNull();
    expect(read().fingerprint).toBeNull();
  });

  it("cuts its summary between names", () => {
    const tables = Array.from({ length: 20 }, (_, i) => `"a table ${i} "`);
    const sql = `SELECT a FROM ${tables.join(", ")}`;
    const { summary } = read(sql, sql);
    expect(summary).toBe(`BATCH SELECT ${tables.slice(0, 18).join(" ")}`);
    expect(summary?.length).toBeLessThanOrEqual(255);
  });

  it("writes 32,768 characters of text", () => {
    const statements = Array.from({ length: 5000 }, (_, i) => `SELECT a${i} FROM t`);
    expect(read(...statements).text).toHaveLength(32_768);
  });
});
