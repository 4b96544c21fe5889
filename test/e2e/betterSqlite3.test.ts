/** better-sqlite3, whose native part is built for these tests (tools/backends/betterSqlite3.sh), and Drizzle on it. */
import { createRequire } from "node:module";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type BetterSqlite3 from "better-sqlite3";
import { sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/better-sqlite3";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { instrumentBetterSqlite3 } from "../../src/adapters/sql/index.js";
import type { Diagnostic, SpanRecord } from "../../src/index.js";
import { recordSpans, request } from "../adapters/cache/harness.js";

const require = createRequire(import.meta.url);
const binary = join(dirname(require.resolve("better-sqlite3/package.json")), "build/Release/better_sqlite3.node");
const isBuilt = existsSync(binary) || process.env["CONVEX_OTEL_E2E"] === "required";
const SHOWN = ["db.query.text", "db.response.returned_rows", "db.response.status_code"];

describe.skipIf(!isBuilt)("better-sqlite3", () => {
  const recorded = recordSpans();
  let db: BetterSqlite3.Database;

  function statements(): readonly SpanRecord[] {
    return recorded.spans.filter(({ kind }) => kind === "client");
  }

  beforeEach(() => {
    const Database = require("better-sqlite3") as typeof BetterSqlite3;
    db = instrumentBetterSqlite3(new Database(":memory:"));
    db.exec(
      "CREATE TABLE pets (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE); INSERT INTO pets VALUES (1, 'Rex'), (2, 'Tom')",
    );
    recorded.reset();
  });

  afterEach(() => {
    db.close();
  });

  it("records what prepared statements do, also in transactions, and returns what it did", async () => {
    await request("GET /", () => {
      const all = db.prepare("SELECT name FROM pets WHERE id > ?");
      expect(all.pluck().all(0)).toEqual(["Rex", "Tom"]);
      expect(db.prepare("SELECT name FROM pets WHERE id = 1").get()).toEqual({ name: "Rex" });
      expect(db.prepare("SELECT name FROM pets WHERE id = 9").get()).toBeUndefined();
      expect([...db.prepare("SELECT id FROM pets").raw().iterate()]).toEqual([[1], [2]]);
      for (const row of db.prepare("SELECT id FROM pets ORDER BY id").iterate()) {
        expect(row).toEqual({ id: 1 });
        break;
      }
      const rename = db.prepare("UPDATE pets SET name = 'secret' || id");
      expect(db.transaction(() => rename.run().changes)()).toBe(2);
      expect(db.exec("DELETE FROM pets WHERE id = 1")).toBe(db);
    });
    expect(recorded.tree(...SHOWN)).toBe(
      `
GET / [server]
├─ SELECT pets [client] {db.query.text="SELECT name FROM pets WHERE id > ?" db.response.returned_rows=2}
├─ SELECT pets [client] {db.query.text="SELECT name FROM pets WHERE id = ?" db.response.returned_rows=1}
├─ SELECT pets [client] {db.query.text="SELECT name FROM pets WHERE id = ?" db.response.returned_rows=0}
├─ SELECT pets [client] {db.query.text="SELECT id FROM pets" db.response.returned_rows=2}
├─ SELECT pets [client] {db.query.text="SELECT id FROM pets ORDER BY id" db.response.returned_rows=1}
├─ UPDATE pets [client] {db.query.text="UPDATE pets SET name = ? || id"}
└─ DELETE pets [client] {db.query.text="DELETE FROM pets WHERE id = ?"}`.trim(),
    );
    expect(JSON.stringify(recorded.spans)).not.toContain("secret");
    expect(statements()[0]?.attributes).toMatchObject({ "db.system.name": "sqlite", "db.namespace": ":memory:" });
  });

  it("records failures by their code, throws them as they are, and quotes nothing", async () => {
    const errors = await request("GET /", () => {
      db.exec("CREATE TRIGGER own BEFORE DELETE ON pets BEGIN SELECT RAISE(ABORT, 'my secret'); END");
      const failing = [
        "INSERT INTO pets VALUES (3, 'Rex')",
        "SELECT other('secret')",
        "SELECT 'secret",
        "DELETE FROM pets",
      ];
      return failing.map((text) => {
        try {
          return db.exec(text);
        } catch (thrown) {
          return [(thrown as { code: string }).code, (thrown as Error).constructor.name];
        }
      });
    });
    const codes = ["SQLITE_CONSTRAINT_UNIQUE", "SQLITE_ERROR", "SQLITE_ERROR", "SQLITE_CONSTRAINT_TRIGGER"];
    expect(errors).toEqual(codes.map((code) => [code, "SqliteError"]));
    const failed = statements().slice(1);
    expect(failed.map(({ attributes }) => attributes["db.response.status_code"])).toEqual(codes);
    expect(failed.map(({ status }) => status.message)).toEqual([
      "UNIQUE constraint failed",
      "no such function",
      "unrecognized token",
      undefined,
    ]);
    expect(JSON.stringify(recorded.spans)).not.toContain("secret");
  });

  it("leaves prepared statements of their class, with the members that they have", () => {
    const Database = require("better-sqlite3") as typeof BetterSqlite3;
    const plain = new Database(":memory:").prepare("SELECT 1");
    const statement = db.prepare("SELECT 1");
    expect(statement).toBeInstanceOf(plain.constructor);
    expect(Object.getOwnPropertyNames(statement)).toEqual(Object.getOwnPropertyNames(plain));
    expect([statement.get.name, statement.get.length]).toEqual([plain.get.name, plain.get.length]);
    expect(statement.pluck().bind().get()).toBe(1);
    expect(() => statement.get.call(undefined)).toThrow(TypeError);
    expect(recorded.spans).toEqual([]);
  });

  it("is recorded once, and records what Drizzle does with it", async () => {
    const said: Diagnostic[] = [];
    instrumentBetterSqlite3(db, { diagnostics: (it) => said.push(it) });
    expect(said.map(({ code }) => code)).toEqual(["sql.instrumented_twice"]);
    const orm = drizzle(db);
    await request("GET /", () => {
      expect(orm.all(sql`SELECT name FROM pets WHERE id = ${1}`)).toEqual([{ name: "Rex" }]);
    });
    expect(recorded.tree(...SHOWN)).toBe(
      `GET / [server]\n└─ SELECT pets [client] {db.query.text="SELECT name FROM pets WHERE id = ?" db.response.returned_rows=1}`,
    );
  });
});
