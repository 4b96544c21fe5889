/** Fingerprints: their form, that they never change, and what they tell apart. */
import { describe, expect, it } from "vitest";
import { fingerprintSql } from "../../../src/adapters/sql/index.js";

const read = (sql: string, dialect = "postgresql") => fingerprintSql(sql, { dialect }).fingerprint;

describe("a fingerprint", () => {
  // Stored with telemetry and compared for years: whoever changes one of these changes FINGERPRINT_VERSION.
  it.each([
    ["", "v1:v3z0j0f3m9wej"],
    ["SELECT id FROM pets WHERE name = 'Rex'", "v1:gk8axx1z9jq68"],
    ["INSERT INTO pets (name, age) VALUES ('Rex', 3), ('Tom', 5)", "v1:hq2tnf4x0s7xp"],
    ['SELECT "Pet"."id" FROM "Pet" JOIN owners o ON o.id = $1 LIMIT 5', "v1:qjxdrg11wcsp8"],
  ])("of %s is the same on every machine", (sql, fingerprint) => {
    expect(read(sql)).toBe(fingerprint);
  });

  it.each([
    ["lists", "SELECT a FROM t WHERE b IN (1)", "SELECT a FROM t WHERE b IN ($1, 2, 'x')"],
    ["lists of rows", "SELECT a FROM t WHERE (b, c) IN ((1, 2))", "SELECT a FROM t WHERE (b, c) IN ((1, 2), (3, 4))"],
    ["rows", "INSERT INTO t VALUES (1, now())", "INSERT INTO t VALUES (1, now()), (2, now()), (3, now())"],
    ["nulls among values", "INSERT INTO t VALUES (1, NULL)", "INSERT INTO t VALUES (NULL, 'x')"],
    ["arrays", "SELECT ARRAY[1]", "SELECT ARRAY[1, 2, 3]"],
    ["types of literals", "SELECT a FROM t WHERE b > date '2024-01-01'", "SELECT a FROM t WHERE b > '2024-01-01'"],
    ["names of result columns", "SELECT a AS x, count(*) AS n FROM t", "SELECT a AS y, count(*) FROM t"],
    ["quoted names in lower case", 'SELECT "a" FROM "t"', "SELECT a FROM t"],
    ["spelling of operators", "SELECT a FROM t WHERE b != 1", "SELECT a FROM t WHERE b <> 2"],
    ["outer", "SELECT a FROM t LEFT OUTER JOIN u ON b = c", "SELECT a FROM t LEFT JOIN u ON b = c"],
    ["transactions", "BEGIN", "BEGIN TRANSACTION"],
    ["semicolons", "SELECT 1", "SELECT 2;;"],
    ["parameters", "SELECT a FROM t WHERE b = $1", "SELECT a FROM t WHERE b = :b"],
  ])("is one, whatever the %s", (_what, a, b) => {
    expect(read(a)).toBe(read(b));
  });

  it.each([
    ["column", "SELECT a FROM t", "SELECT b FROM t"],
    ["order of columns", "SELECT a, b FROM t", "SELECT b, a FROM t"],
    ["number of columns", "SELECT a FROM t", "SELECT a, a FROM t"],
    ["schema", "SELECT a FROM s.t", "SELECT a FROM r.t"],
    ["case of a quoted name", 'SELECT a FROM "T"', "SELECT a FROM t"],
    ["string or column", "SELECT 'a' FROM t", "SELECT a FROM t"],
    ["operator", "SELECT a FROM t WHERE b > 1", "SELECT a FROM t WHERE b >= 1"],
    ["operator of strings", "SELECT a FROM t WHERE b LIKE 'x'", "SELECT a FROM t WHERE b ILIKE 'x'"],
    ["null test", "SELECT a FROM t WHERE b IS NULL", "SELECT a FROM t WHERE b IS NOT NULL"],
    ["boolean test", "SELECT a FROM t WHERE b IS TRUE", "SELECT a FROM t WHERE b IS FALSE"],
    ["grouping", "SELECT a FROM t WHERE b OR (c AND d)", "SELECT a FROM t WHERE (b OR c) AND d"],
    ["join", "SELECT a FROM t JOIN u ON b", "SELECT a FROM t FULL JOIN u ON b"],
    ["set operation", "SELECT a FROM t UNION SELECT b FROM u", "SELECT a FROM t UNION ALL SELECT b FROM u"],
    ["clause", "SELECT a FROM t", "SELECT a FROM t FOR UPDATE"],
    ["table name in quotes", 'SELECT a FROM "s.t"', "SELECT a FROM s.t"],
    ["number of statements", "SELECT a FROM t", "SELECT a FROM t; SELECT a FROM t"],
    ["alias of a table", "SELECT a FROM t AS x", "SELECT a FROM t AS y"],
    ["arguments that are no literals", "SELECT f(a, a)", "SELECT f(a)"],
  ])("is another for another %s", (_what, a, b) => {
    expect(read(a)).not.toBe(read(b));
  });

  it("does not depend on the dialect where the statement does not", () => {
    const dialects = ["postgresql", "mysql", "sqlite", "microsoft.sql_server", "oracle.db", "other_sql"];
    const sql = "SELECT a, t.b FROM t WHERE c = 'x' AND d IN (1, 2)";
    expect(new Set(dialects.map((dialect) => read(sql, dialect))).size).toBe(1);
  });

  it("differs for 300,000 statements that differ in one name", () => {
    const found = new Set<string>();
    const letters = "abcdefghij";
    for (let i = 0; i < 100_000; i++) {
      const name = [...String(i)].map((digit) => letters[Number(digit)]).join("");
      found
        .add(read(`SELECT ${name} FROM t`))
        .add(read(`SELECT a FROM ${name}`))
        .add(read(`SELECT ${name}, b FROM t`));
    }
    expect(found.size).toBe(300_000);
  });
});
