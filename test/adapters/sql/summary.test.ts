/** Summaries: what is an operation, what a target, and where a summary is cut. */
import { describe, expect, it } from "vitest";
import { fingerprintSql } from "../../../src/adapters/sql/index.js";
import { SUMMARIES } from "./corpus/summaries.js";

describe("the summary", () => {
  it.each(SUMMARIES)("of %s", (sql, summary) => {
    expect(fingerprintSql(sql).summary).toBe(summary);
  });

  it.each([
    ["mysql", 'SELECT a FROM "secret"', "SELECT"],
    ["mysql", 'CALL "secret"', "CALL"],
    // What mysql2 writes in place of `??` later.
    ["mysql", "SELECT a FROM ?? WHERE b = ?", "SELECT"],
    ["mysql", "UPDATE ?? SET a = ?", "UPDATE"],
    ["mysql", "SELECT a FROM pets p JOIN ?? ON 1 = 1", "SELECT pets"],
    ["postgresql", "DELETE FROM $1 WHERE b = 1", "DELETE"],
    ["microsoft.sql_server", "EXEC @result = dbo.feed @pet", "EXEC dbo.feed"],
    ["microsoft.sql_server", "SELECT a FROM (@rows r CROSS JOIN pets)", "SELECT @rows pets"],
    ["microsoft.sql_server", "SELECT a FROM @rows r JOIN #temp t ON 1 = 1", "SELECT @rows #temp"],
    ["microsoft.sql_server", "INSERT INTO @rows SELECT a FROM pets", "INSERT @rows SELECT pets"],
    ["sqlite", 'SELECT a FROM "pets" "p"', 'SELECT "pets"'],
  ])("of %s: %s", (dialect, sql, summary) => {
    expect(fingerprintSql(sql, { dialect }).summary).toBe(summary);
  });

  it("ends between names after 255 characters", () => {
    const tables = Array.from({ length: 30 }, (_, i) => `"a table ${i}"`);
    const { summary } = fingerprintSql(`SELECT a FROM ${tables.join(", ")}`, { dialect: "postgresql" });
    expect(summary).toBe(`SELECT ${tables.slice(0, 19).join(" ")}`);
    expect(fingerprintSql(`SELECT a FROM ${"x".repeat(300)}, pets`).summary).toBe("SELECT");
  });

  it("does not grow with the number of statements", () => {
    const summary = fingerprintSql("SELECT a FROM pets; ".repeat(100)).summary ?? "";
    expect(summary).toMatch(/^(SELECT pets; )+SELECT( pets)?$/);
    expect(summary.length).toBeLessThanOrEqual(255);
  });
});
