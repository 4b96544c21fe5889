/** better-sqlite3, whose native part is built for these tests (tools/backends/betterSqlite3.sh), and Drizzle on it. */
import { createRequire } from "node:module";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type BetterSqlite3 from "better-sqlite3";
import { eq, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/better-sqlite3";
import { integer as sqliteInteger, sqliteTable, text as sqliteText } from "drizzle-orm/sqlite-core";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { instrumentBetterSqlite3, type SlowQueryPlanOptions } from "../../src/adapters/sql/index.js";
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

  describe("plans of slow queries", () => {
    const FACTS = ["convex.db.query.slow", "convex.db.query.plan.seq_scan"];

    /** The same database, as if it had not been instrumented before. */
    function slow(slowQueryPlans: SlowQueryPlanOptions = {}, said: Diagnostic[] = []): BetterSqlite3.Database {
      const Database = require("better-sqlite3") as typeof BetterSqlite3;
      const own = instrumentBetterSqlite3(new Database(":memory:"), {
        slowQueryPlans: { thresholdMs: 0, maxPerMinute: 100, ...slowQueryPlans },
        diagnostics: (it) => said.push(it),
      });
      own.exec(
        "CREATE TABLE pets (id INTEGER PRIMARY KEY, name TEXT, born TEXT); INSERT INTO pets VALUES (1, 'Rex', '2020')",
      );
      own.exec("CREATE TABLE owners (id INTEGER PRIMARY KEY, pet INTEGER, city TEXT)");
      return own;
    }

    /** Plans are taken when the program has nothing else to do. */
    async function idle(): Promise<void> {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }

    it("name the scanned table and its columns, of reads only, and once for each of them", async () => {
      const own = slow();
      await request("GET /", async () => {
        const byName = own.prepare("SELECT id FROM pets WHERE name = ? AND born > '1999'");
        expect(byName.get("secret")).toBeUndefined();
        expect(statements()).toHaveLength(1);
        await idle();
        byName.all("other secret");
        own
          .prepare("SELECT p.id FROM pets p JOIN owners o ON o.pet = p.id WHERE o.city = @city")
          .all({ city: "secret" });
        await idle();
        const bound = own.prepare("SELECT id FROM pets WHERE born = ?").bind("secret");
        expect([...bound.iterate()]).toEqual([]);
        await idle();
        own.prepare("SELECT name FROM pets WHERE id = ?").get(1);
        own.prepare("UPDATE pets SET name = 'secret' WHERE born = ?").run("1999");
        own.exec("SELECT born FROM pets");
        await idle();
      });
      expect(recorded.tree(...FACTS)).toBe(
        `
GET / [server]
├─ SELECT pets [client] {convex.db.query.slow=true}
│  └─ EXPLAIN SELECT pets [client] {convex.db.query.plan.seq_scan=["pets (born, name)"]}
├─ SELECT pets [client] {convex.db.query.slow=true}
├─ SELECT pets owners [client] {convex.db.query.slow=true}
│  └─ EXPLAIN SELECT pets owners [client] {convex.db.query.plan.seq_scan=["owners (city, pet)"]}
├─ SELECT pets [client] {convex.db.query.slow=true}
│  └─ EXPLAIN SELECT pets [client] {convex.db.query.plan.seq_scan=["pets (born)"]}
├─ SELECT pets [client] {convex.db.query.slow=true}
│  └─ EXPLAIN SELECT pets [client]
├─ UPDATE pets [client] {convex.db.query.slow=true}
└─ SELECT pets [client]`.trim(),
      );
      expect(JSON.stringify(recorded.spans)).not.toContain("secret");
      const plan = statements().find(({ name }) => name === "EXPLAIN SELECT pets");
      expect(plan?.attributes).toEqual({
        "db.system.name": "sqlite",
        "db.namespace": ":memory:",
        "db.query.text": "EXPLAIN QUERY PLAN SELECT id FROM pets WHERE name = ? AND born > ?",
        "db.query.summary": "EXPLAIN SELECT pets",
        "convex.db.query.fingerprint": expect.stringMatching(/^v1:/),
        "convex.db.query.plan.text": '{"plans":[{"detail":"SCAN pets","plans":[]}]}',
        "convex.db.query.plan.hash": expect.stringMatching(/^v1:[0-9a-f]{16}$/),
        "convex.db.query.plan.seq_scan": ["pets (born, name)"],
      });
      own.close();
    });

    it("change nothing of a transaction, work with big integers, and are said once where they fail", async () => {
      const said: Diagnostic[] = [];
      const own = slow({ windowMs: 0 }, said).defaultSafeIntegers();
      await request("GET /", async () => {
        own.exec("BEGIN; CREATE TABLE short (a)");
        own.prepare("INSERT INTO pets VALUES (2, 'Tom', '2021')").run();
        expect(own.prepare("SELECT count(*) FROM pets WHERE born > ?").pluck().get("2000")).toBe(2n);
        await idle();
        expect(own.inTransaction).toBe(true);
        for (let time = 0; time < 2; time++) {
          own.exec("CREATE TABLE IF NOT EXISTS short (a)");
          own.prepare("SELECT a FROM short").all();
          // Gone before its plan is asked for.
          own.exec("DROP TABLE short");
          await idle();
        }
        own.exec("COMMIT");
        own.transaction(() => own.prepare("SELECT name FROM pets WHERE name > ?").all("A"))();
        await idle();
        own.prepare("SELECT born FROM pets").all();
        own.close();
        await idle();
      });
      const plans = statements().filter(({ name }) => name.startsWith("EXPLAIN"));
      expect(plans.map(({ attributes }) => attributes["convex.db.query.plan.seq_scan"])).toEqual([
        ["pets (born)"],
        ["pets (name)"],
      ]);
      expect(plans[1]?.attributes["convex.db.query.plan.missed"]).toBe(2);
      expect(said.map(({ code }) => code)).toEqual(["sql.plan_failed"]);
    });

    it("are those of Drizzle's queries, too", async () => {
      const own = slow();
      const orm = drizzle(own);
      const pets = sqliteTable("pets", { id: sqliteInteger("id").primaryKey(), name: sqliteText("name") });
      await request("GET /", async () => {
        expect(orm.select({ id: pets.id }).from(pets).where(eq(pets.name, "Rex")).all()).toEqual([{ id: 1 }]);
        await idle();
      });
      expect(recorded.tree(...FACTS)).toBe(
        `
GET / [server]
└─ select "pets" [client] {convex.db.query.slow=true}
   └─ EXPLAIN select "pets" [client] {convex.db.query.plan.seq_scan=["pets (name)"]}`.trim(),
      );
      own.close();
    });
  });
});
