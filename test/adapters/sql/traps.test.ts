/** Where dialects differ, and where a reader that guesses wrong takes the rest of the statement inside out. */
import { describe, expect, it } from "vitest";
import { fingerprintSql, type SqlDialect } from "../../../src/adapters/sql/index.js";

const PG = "postgresql";
const MY = "mysql";
const LITE = "sqlite";
const MS = "microsoft.sql_server";
const ORA = "oracle.db";
const OTHER = "other_sql";

type Row = readonly [dialect: SqlDialect, sql: string, text: string];

function check(rows: readonly Row[]): void {
  it.each(rows)("%s: %s", (dialect, sql, text) => {
    expect(fingerprintSql(sql, { dialect }).text).toBe(text);
  });
}

describe("backslashes", () => {
  check([
    [PG, String.raw`SELECT 'C:\dir\', 'b' FROM t`, "SELECT ?, ? FROM t"],
    [LITE, String.raw`SELECT 'C:\dir\', 'b' FROM t`, "SELECT ?, ? FROM t"],
    [MS, String.raw`SELECT 'C:\dir\', 'b' FROM t`, "SELECT ?, ? FROM t"],
    [ORA, String.raw`SELECT 'C:\dir\', 'b' FROM t`, "SELECT ?, ? FROM t"],
    [MY, String.raw`SELECT 'it\'s', 'b' FROM t`, "SELECT ?, ? FROM t"],
    ["mariadb", String.raw`SELECT 'it\'s', "say \"b\"" FROM t`, "SELECT ?, ? FROM t"],
    [MY, String.raw`SELECT 'C:\\', 'b' FROM t`, "SELECT ?, ? FROM t"],
    [PG, String.raw`SELECT E'it\'s', e'\\', 'b' FROM t`, "SELECT ?, ?, ? FROM t"],
    [OTHER, String.raw`SELECT E'it\'s', 'C:\\' FROM t`, "SELECT ?, ? FROM t"],
    // Either reading could be right.
    [OTHER, String.raw`SELECT a FROM t WHERE b = 'C:\dir\' AND c = 'd'`, "SELECT a FROM t WHERE b = ?"],
    [OTHER, String.raw`SELECT a FROM t WHERE b = 'it\'s' AND c = 'd'`, "SELECT a FROM t WHERE b = ?"],
  ]);
});

describe("quotes", () => {
  check([
    [PG, "SELECT 'it''s', '''', '' FROM t", "SELECT ?, ?, ? FROM t"],
    [PG, `SELECT "it's", "a""b" FROM t WHERE c = 'd'`, `SELECT "it's", "a""b" FROM t WHERE c = ?`],
    [MY, "SELECT `a\"b`, `c``d`, `it's` FROM t WHERE e = 'f'", "SELECT `a\"b`, `c``d`, `it's` FROM t WHERE e = ?"],
    [MS, "SELECT [a]]b], [it's] FROM t WHERE c = 'd'", "SELECT [a]]b], [it's] FROM t WHERE c = ?"],
    [MY, `SELECT "a""b", "c\\"d" FROM t`, "SELECT ?, ? FROM t"],
    [PG, "SELECT a -- don't\nFROM t WHERE b = 'c'", "SELECT a FROM t WHERE b = ?"],
    [PG, "SELECT a FROM t WHERE b = ‘c’ AND d = 'e'", "SELECT a FROM t WHERE b = ‘c’ AND d = ?"],
    [LITE, `SELECT "a", count("b") FROM "t" WHERE "c" = "d" AND "e" IN ("f", "g") ORDER BY "h", "i"`, `SELECT "a", count("b") FROM "t" WHERE "c" = ? AND "e" IN (?) ORDER BY "h", "i"`], // prettier-ignore
    [LITE, `INSERT INTO "t" ("a", "b") VALUES ("c", "d") RETURNING a`, `INSERT INTO "t" ("a", "b") VALUES (?, ?) RETURNING a`], // prettier-ignore
    [LITE, `UPDATE "t" SET "a" = "b", "c" = 'd' WHERE "e" BETWEEN "f" AND "g" AND "h" LIKE "i"`, `UPDATE "t" SET "a" = ?, "c" = ? WHERE "e" BETWEEN ? AND ? AND "h" LIKE ?`], // prettier-ignore
    [LITE, `SELECT date("now"), coalesce(a, "b"), CASE WHEN "c" THEN "d" ELSE "e" END FROM t AS "u"`, `SELECT date(?), coalesce(a, ?), CASE WHEN "c" THEN ? ELSE ? END FROM t AS "u"`], // prettier-ignore
    [LITE, `CREATE TABLE "t" ("a" integer PRIMARY KEY, "b" text DEFAULT "c")`, `CREATE TABLE "t" ("a" integer PRIMARY KEY, "b" text DEFAULT ?)`], // prettier-ignore
    [OTHER, `SELECT "a", b FROM "t" WHERE "u"."c" = "d"`, `SELECT ?, b FROM "t" WHERE "u"."c" = ?`],
    [OTHER, "SELECT x[1], ['a'], [my col] FROM [t] WHERE [s].[c] = 5", "SELECT x[?], [?], [my col] FROM [t] WHERE [s].[c] = ?"], // prettier-ignore
    [PG, "SELECT arr[1], ARRAY['a', 'b'] FROM t", "SELECT arr[?], ARRAY[?, ?] FROM t"],
  ]);
});

describe("prefixes and types of literals", () => {
  check([
    [PG, "SELECT U&'d' UESCAPE '!', X'1F', B'01', N'a', E'b'", "SELECT ? UESCAPE ?, ?, ?, ?, ?"],
    [MY, "SELECT _utf8mb4'a', _binary 'b', N'c', x'4D', b'01'", "SELECT ?, _binary ?, ?, ?, ?"],
    [ORA, "SELECT q'[it's]', Q'{'}', q'!don't!', q'(a)', nq'<'>', NQ'Xa'X' FROM dual", "SELECT ?, ?, ?, ?, ?, ? FROM dual"], // prettier-ignore
    [PG, `SELECT date'2024-01-01', json'{"a": 1}', int8'7', timestamp '2024-01-01'`, "SELECT date?, json?, int8?, timestamp ?"], // prettier-ignore
    [PG, 'SELECT U&"d\\0061t" FROM t', 'SELECT U&"d\\0061t" FROM t'],
    [MS, "SELECT N'it''s', N'b' FROM t", "SELECT ?, ? FROM t"],
    [PG, "SELECT'a'FROM t WHERE b='c'", "SELECT?FROM t WHERE b=?"],
  ]);
});

describe("dollars", () => {
  check([
    [PG, "SELECT $$it's$$, $a$ $b$ ' $a$, $ñ1$x$ñ1$ FROM t", "SELECT ?, ?, ? FROM t"],
    [PG, "SELECT foo$bar$baz, $1 FROM t WHERE c = 'd'", "SELECT foo$bar$baz, $1 FROM t WHERE c = ?"],
    [PG, "SELECT $1$2, 'a'", "SELECT $1$2, ?"],
    [PG, "SELECT a FROM t WHERE b = $x$ unterminated 'c'", "SELECT a FROM t WHERE b = ?"],
    [MS, "SELECT $12.50, -$3, €7, $action FROM t", "SELECT ?, ?, ?, $action FROM t"],
    [LITE, "SELECT $name, @name, :name, ?1, ? FROM t", "SELECT $name, @name, :name, ?1, ? FROM t"],
    [MY, "SELECT a$b, 'c$$', 'd$$' FROM t", "SELECT a$b, ?, ? FROM t"],
    [OTHER, "SELECT $12.50, $1 FROM t", "SELECT ?, $1 FROM t"],
  ]);
});

describe("comments", () => {
  check([
    [PG, "SELECT a /* b /* c */ 'd */ FROM t", "SELECT a FROM t"],
    [MS, "SELECT a /* b /* c */ 'd */ FROM t", "SELECT a FROM t"],
    [MY, "SELECT a /* b /* c */ , 'd' FROM t", "SELECT a , ? FROM t"],
    [ORA, "SELECT /*+ INDEX(t 'x') */ a FROM t", "SELECT a FROM t"],
    [MY, "SELECT a # don't\nFROM t WHERE b = 'c'", "SELECT a FROM t WHERE b = ?"],
    [PG, "SELECT a #> '{b}' FROM t", "SELECT a #> ? FROM t"],
    [MS, "SELECT a FROM #temp WHERE b = 'c'", "SELECT a FROM #temp WHERE b = ?"],
    [MY, "SELECT /*!50100 SQL_NO_CACHE 'a', */ b /*! , 'c' */ FROM t", "SELECT SQL_NO_CACHE ?, b , ? FROM t"],
    ["mariadb", "SELECT a /*M!100100 , 'b' */ FROM t", "SELECT a , ? FROM t"],
    [PG, "SELECT a /*! 'b' */ FROM t", "SELECT a FROM t"],
    [MY, "SELECT 5--1 FROM t", "SELECT ?-? FROM t"],
    [MY, "SELECT 5 -- 'a'\n, 'b' FROM t", "SELECT ? , ? FROM t"],
    [PG, "SELECT 5--1 'a'\r, 'b' FROM t", "SELECT ? , ? FROM t"],
    [PG, "-- a\n SELECT b -- c", "SELECT b"],
    [PG, "SELECT a FROM t /*traceparent='00-ab-cd-01'*/;", "SELECT a FROM t;"],
    [PG, "SELECT/**/a/**/FROM t /* cut", "SELECT a FROM t"],
  ]);
});

describe("numbers", () => {
  check([
    [PG, "SELECT .5, 5., 1e-9, 1E+9, 0xFF, 0b1, 0o7, 1_000", "SELECT ?, ?, ?, ?, ?, ?, ?, ?"],
    [ORA, "SELECT 1.5f, 2d, 10.5D FROM dual", "SELECT ?, ?, ? FROM dual"],
    [OTHER, "SELECT tab2.c3po, utf8mb4 FROM tab2", "SELECT tab2.c3po, utf8mb4 FROM tab2"],
    [MY, "SELECT 2fa_code, 1e5, 0xAB FROM 2fa_codes JOIN db.3d_models", "SELECT 2fa_code, ?, ? FROM 2fa_codes JOIN db.3d_models"], // prettier-ignore
    [PG, "SELECT 2fa_code FROM t", "SELECT ? FROM t"],
    [OTHER, "CREATE TABLE t (a varchar(255), b decimal(10,2))", "CREATE TABLE t (a varchar(?), b decimal(?,?))"],
    [OTHER, "SELECT a FROM t WHERE b=1AND c=2OR d=3", "SELECT a FROM t WHERE b=?AND c=?OR d=?"],
    [MS, "SELECT TOP 5 a FROM t", "SELECT TOP ? a FROM t"],
    [OTHER, "SELECT a FROM t LIMIT 5, 10", "SELECT a FROM t LIMIT ?, ?"],
    [OTHER, "SELECT 99+100, a-1, a -1, (b)-2, -3, +4, 5 - -6", "SELECT ?+?, a-?, a -?, (b)-?, ?, ?, ? - ?"],
    [OTHER, "SELECT a FROM t WHERE b>=-12 AND c IN (-1, +2) OR d BETWEEN -5 AND -3", "SELECT a FROM t WHERE b>=? AND c IN (?) OR d BETWEEN ? AND ?"], // prettier-ignore
    [PG, "SELECT a[1:2], b::int, c := 3", "SELECT a[?:?], b::int, c := ?"],
    [OTHER, "SELECT a FROM t WHERE ip = 10.0.0.1", "SELECT a FROM t WHERE ip = ?"],
  ]);
});

describe("booleans and null", () => {
  check([
    [PG, "SELECT true, FALSE, NULL FROM t", "SELECT ?, ?, NULL FROM t"],
    [PG, "SELECT a IS TRUE, b IS NOT false, c IS NOT NULL FROM t", "SELECT a IS TRUE, b IS NOT false, c IS NOT NULL FROM t"], // prettier-ignore
    [PG, "SELECT t.true, NOT true FROM t", "SELECT t.true, NOT ? FROM t"],
  ]);
});

describe("parameters", () => {
  check([
    [ORA, "SELECT a FROM t WHERE b = :b AND c = :1", "SELECT a FROM t WHERE b = :b AND c = :1"],
    [MS, "SELECT @@version FROM t WHERE a = @p0", "SELECT @@version FROM t WHERE a = @p0"],
    [PG, "SELECT a ? 'b', c ?| array['d'], e @> '{}' FROM t", "SELECT a ? ?, c ?| array[?], e @> ? FROM t"],
    [OTHER, "SELECT a FROM t WHERE b IN (?, ?,?) AND c IN ($1, $2) AND d IN(?)", "SELECT a FROM t WHERE b IN (?) AND c IN ($1, $2) AND d IN(?)"], // prettier-ignore
    [OTHER, "SELECT a FROM t WHERE b IN (1, c, 2) AND (d, e) IN ((1, 2), (3, 4))", "SELECT a FROM t WHERE b IN (?, c, ?) AND (d, e) IN ((?, ?), (?, ?))"], // prettier-ignore
    [OTHER, "SELECT a FROM t WHERE b IN () AND c IN", "SELECT a FROM t WHERE b IN () AND c IN"],
  ]);
});

describe("secrets outside of strings", () => {
  check([
    [ORA, "CREATE USER ann IDENTIFIED BY Tiger1 REPLACE Lion2", "CREATE USER ann IDENTIFIED BY ?"],
    [ORA, 'ALTER USER ann IDENTIFIED  BY "Tiger1"', "ALTER USER ann IDENTIFIED BY ?"],
    [ORA, "CREATE DATABASE LINK l CONNECT TO u IDENTIFIED BY p USING 'x'", "CREATE DATABASE LINK l CONNECT TO u IDENTIFIED BY ?"], // prettier-ignore
    [MY, "CREATE USER 'ann'@'10.0.0.1' IDENTIFIED BY 'x'", "CREATE USER ?@? IDENTIFIED BY ?"],
    [MY, "GRANT ALL ON db.* TO 'ann'@'host', bob@host", "GRANT ALL ON db.* TO ?@?, bob@host"],
    [PG, "ALTER ROLE ann WITH PASSWORD 'x' VALID UNTIL 'y'", "ALTER ROLE ann WITH PASSWORD ?"],
    [OTHER, "CREATE USER 'ann' PASSWORD Tiger1", "CREATE USER ? PASSWORD ?"],
    [MS, "CREATE LOGIN ann WITH PASSWORD = 0xABC HASHED", "CREATE LOGIN ann WITH PASSWORD ?"],
    [OTHER, "CONNECT ann PASSWORD Tiger1", "CONNECT ann PASSWORD ?"],
    [OTHER, "SELECT password, identified FROM users", "SELECT password, identified FROM users"],
    [OTHER, "CREATE TABLE users (password varchar(9))", "CREATE TABLE users (password varchar(?))"],
  ]);
});

describe("text that is cut, or no SQL", () => {
  it.each([
    [PG, "SELECT a FROM t WHERE b = 'c", "SELECT a FROM t WHERE b = ?", "redacted"],
    [PG, 'SELECT a FROM "t', "SELECT a FROM ?", "redacted"],
    [PG, 'SELECT a FROM s."t', "SELECT a FROM s.?", "redacted"],
    [MS, "SELECT [a", "SELECT ?", "redacted"],
    [MY, "SELECT `a", "SELECT ?", "redacted"],
    [ORA, "SELECT q'[a' b", "SELECT ?", "redacted"],
    [PG, "SELECT E'a\\'", "SELECT ?", "redacted"],
    [PG, "SELECT a /* b", "SELECT a", "redacted"],
    [PG, "SELECT a FROM t \0 b", "SELECT a FROM t ?", "redacted"],
    [PG, "\ufffd\u0001PNG", "?", "redacted"],
    [PG, "SELECT a FROM t", "SELECT a FROM t", "kept"],
    [PG, "", "", "kept"],
  ] as const)("%s: %j", (dialect, sql, text, rest) => {
    expect(fingerprintSql(sql, { dialect })).toMatchObject({ text, rest });
  });

  it.each([undefined, null, 7, {}, Symbol("x")])("%s is read as an empty statement", (value) => {
    const read: (sql: never) => unknown = fingerprintSql;
    expect(read(value as never)).toEqual(fingerprintSql(""));
  });

  it.each([undefined, "", "mongodb", "toString", "POSTGRESQL"])("the dialect %s is read as other_sql", (dialect) => {
    const sql = `SELECT "a" FROM t WHERE b = $$c$$ AND d = 'e\\'f`;
    expect(fingerprintSql(sql, { dialect })).toEqual(fingerprintSql(sql, { dialect: "other_sql" }));
  });
});
