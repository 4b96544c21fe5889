/** mysql2 on a real MariaDB, with callbacks and with promises. */
import { eq } from "drizzle-orm";
import { int, mysqlTable, varchar } from "drizzle-orm/mysql-core";
import { drizzle } from "drizzle-orm/mysql2";
import mysql, { type RowDataPacket } from "mysql2";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, vi } from "vitest";
import { instrumentMysql2, type InstrumentMysql2Options } from "../../src/adapters/sql/index.js";
import { type Diagnostic, getActiveSpan, type SpanRecord, startSpan } from "../../src/index.js";
import { recordSpans, request } from "../adapters/cache/harness.js";
import { type MariadbServer, startMariadb } from "./mariadbServer.js";

const binary = inject("mariadbBinary");
const SHOWN = ["db.query.text", "db.response.returned_rows", "db.response.status_code"];

describe.skipIf(binary === "")("mysql2 on a real MariaDB", () => {
  const recorded = recordSpans();
  let server: MariadbServer;
  let plain: mysql.Pool;
  let pool: mysql.Pool;

  function config(): mysql.PoolOptions {
    return { host: "127.0.0.1", port: server.port, user: "root", database: "test", multipleStatements: true };
  }

  function statements(): readonly SpanRecord[] {
    return recorded.spans.filter(({ kind }) => kind === "client");
  }

  beforeAll(async () => {
    server = await startMariadb(binary);
    plain = mysql.createPool(config());
    await plain
      .promise()
      .query("CREATE DATABASE IF NOT EXISTS test")
      .catch(() => undefined);
    await plain.promise().query("CREATE TABLE pets (id int PRIMARY KEY, name varchar(20) NOT NULL)");
    pool = instrumentMysql2(mysql.createPool(config()));
  });

  beforeEach(async () => {
    await plain.promise().query("DELETE FROM pets; INSERT INTO pets VALUES (1, 'Rex'), (2, 'Tom'), (3, 'Ada')");
    recorded.reset();
  });

  afterAll(async () => {
    await pool?.promise().end();
    await plain?.promise().end();
    await server?.stop();
  });

  it("says which system answered, also of the statements that waited for the first connection", async () => {
    const fresh = instrumentMysql2(mysql.createPool(config())).promise();
    await request("GET /", () => Promise.all([fresh.query("SELECT 1"), fresh.query("SELECT 2")]));
    await fresh.end();
    const statements = recorded.spans.filter(({ kind }) => kind === "client");
    expect(statements.map(({ attributes }) => attributes["db.system.name"])).toEqual(["mariadb", "mariadb"]);
  });

  it("quotes nothing of what SIGNAL says, whatever its SQLSTATE", async () => {
    const signal = (state: string): Promise<unknown> =>
      pool.promise().query(`SIGNAL SQLSTATE '${state}' SET MESSAGE_TEXT = 'secret'`);
    await request("GET /", async () => {
      for (const state of ["45000", "22012"]) await expect(signal(state)).rejects.toThrow("secret");
    });
    expect(recorded.spans.map(({ status }) => status.code).toSorted()).toEqual([0, 2, 2]);
    expect(JSON.stringify(recorded.spans)).not.toContain("secret");
  });

  it("records query and execute of promises, with rows, and the system that answered", async () => {
    const db = pool.promise();
    await request("GET /", async () => {
      const [rows] = await db.query<RowDataPacket[]>("SELECT name FROM pets WHERE id > ? ORDER BY id", [1]);
      expect(rows.map(({ name }) => name as string)).toEqual(["Tom", "Ada"]);
      const [prepared] = await db.execute<RowDataPacket[]>("SELECT name FROM pets WHERE id = ?", [1]);
      expect(prepared).toEqual([{ name: "Rex" }]);
      const [changed] = await db.query({ sql: "UPDATE pets SET name = 'secret' WHERE id = 1" });
      expect(changed).toMatchObject({ affectedRows: 1 });
      expect((await db.query("SELECT 1 AS a; SELECT 2 AS b UNION SELECT 3"))[0]).toEqual([
        [{ a: 1 }],
        [{ b: 2 }, { b: 3 }],
      ]);
      const connection = await db.getConnection();
      await connection.beginTransaction();
      await connection.execute("DELETE FROM pets WHERE id = ?", [3]);
      await connection.query("ROLLBACK");
      connection.release();
    });
    expect(recorded.tree(...SHOWN)).toBe(
      `
GET / [server]
├─ SELECT pets [client] {db.query.text="SELECT name FROM pets WHERE id > ? ORDER BY id" db.response.returned_rows=2}
├─ SELECT pets [client] {db.query.text="SELECT name FROM pets WHERE id = ?" db.response.returned_rows=1}
├─ UPDATE pets [client] {db.query.text="UPDATE pets SET name = ? WHERE id = ?"}
├─ SELECT; SELECT SELECT [client] {db.query.text="SELECT ? AS a; SELECT ? AS b UNION SELECT ?" db.response.returned_rows=3}
└─ DELETE pets [client] {db.query.text="DELETE FROM pets WHERE id = ?"}`.trim(),
    );
    expect(JSON.stringify(recorded.spans)).not.toContain("secret");
    expect(statements().at(-1)?.attributes).toEqual({
      "db.system.name": "mariadb",
      "db.namespace": "test",
      "db.query.text": "DELETE FROM pets WHERE id = ?",
      "db.query.summary": "DELETE pets",
      "convex.db.query.fingerprint": expect.stringMatching(/^v1:/),
      "server.address": "127.0.0.1",
      "server.port": server.port,
    });
  });

  it("records callbacks, calls them back where they were given, and streams", async () => {
    const single = instrumentMysql2(mysql.createPool({ ...config(), connectionLimit: 1 }));
    const ask = (name: string): Promise<void> =>
      request(name, () => {
        const own = getActiveSpan()?.spanContext().spanId;
        return new Promise<void>((done, fail) => {
          single.query<RowDataPacket[]>("SELECT name FROM pets WHERE id = ?", [1], (thrown, rows) => {
            if (thrown !== null) return fail(thrown);
            expect(rows).toEqual([{ name: "Rex" }]);
            expect(getActiveSpan()?.spanContext().spanId).toBe(own);
            let count = 0;
            single
              .query("SELECT id FROM pets")
              .on("result", () => (count += 1))
              .on("end", () => {
                expect(count).toBe(3);
                done();
              });
          });
        });
      });
    await Promise.all([ask("GET /a"), ask("GET /b")]);
    await single.promise().end();
    const below =
      "├─ SELECT pets [client] {db.response.returned_rows=1}\n└─ SELECT pets [client] {db.response.returned_rows=3}";
    expect(recorded.tree("db.response.returned_rows")).toBe(`GET /a [server]\n${below}\n\nGET /b [server]\n${below}`);
  });

  it("records failures by the number of the server, throws them as they are, and quotes nothing", async () => {
    const db = pool.promise();
    const own = "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'my secret'";
    const errors = await request("GET /", async () => {
      const all: unknown[] = [];
      for (const sql of ["SELECT secret FROM pets", "INSERT INTO pets VALUES (1, 'secret')", own, "SELECT 'secret"]) {
        all.push(await db.query(sql).catch((thrown: unknown) => thrown));
      }
      all.push(await new Promise((done) => pool.query("SELECT secret FROM pets", done)));
      all.push(await new Promise((done) => pool.query("SELECT secret FROM pets").on("error", done)));
      return all;
    });
    const numbers = [1054, 1062, 1644, 1064, 1054, 1054];
    expect(errors.map((error) => (error as { errno: number }).errno)).toEqual(numbers);
    expect(statements().map(({ attributes }) => attributes["db.response.status_code"])).toEqual(numbers.map(String));
    expect(statements().map(({ status }) => status.message)).toEqual([
      "Unknown column ?",
      "Duplicate entry ?",
      undefined,
      expect.stringMatching(/^You have an error in your SQL syntax/),
      "Unknown column ?",
      "Unknown column ?",
    ]);
    const rest = statements().map(({ attributes: { "db.query.text": _text, ...others }, status, events }) => [
      others,
      status,
      events,
    ]);
    expect(JSON.stringify(rest)).not.toContain("secret");
  });

  it("is recorded once; a comment is for statements that are not prepared; a dead server fails as it does", async () => {
    const said: Diagnostic[] = [];
    instrumentMysql2(pool.promise(), { diagnostics: (it) => said.push(it) });
    expect(said.map(({ code }) => code)).toEqual(["sql.instrumented_twice"]);
    const commenting = instrumentMysql2(mysql.createPool(config()), { comments: "traceparent" });
    const seen = "SELECT info FROM information_schema.processlist WHERE id = CONNECTION_ID()";
    const dead = instrumentMysql2(mysql.createPool({ ...config(), port: 1 }));
    await request("GET /", async () => {
      const [asked] = await commenting.promise().query<RowDataPacket[]>(seen);
      const [executed] = await commenting.promise().execute<RowDataPacket[]>(seen);
      expect([asked, executed].map(([row]) => /traceparent='00-[0-9a-f-]+'/.test(String(row?.["info"])))).toEqual([
        true,
        false,
      ]);
      await expect(dead.promise().query("SELECT 1")).rejects.toMatchObject({ code: "ECONNREFUSED" });
    });
    await Promise.all([commenting.promise().end(), dead.promise().end()]);
    expect(statements().map(({ attributes }) => attributes["error.type"])).toEqual([
      undefined,
      undefined,
      "ECONNREFUSED",
    ]);
    expect(() => instrumentMysql2(JSON.parse("{}") as mysql.Pool)).toThrow(TypeError);
  });

  describe("plans of slow queries", () => {
    const FACTS = ["convex.db.query.slow", "convex.db.query.plan.seq_scan", "convex.db.query.plan.missed"];

    function slow(options: InstrumentMysql2Options = {}, own: mysql.PoolOptions = {}): mysql.Pool {
      const slowQueryPlans = { thresholdMs: 0, ...options.slowQueryPlans };
      return instrumentMysql2(mysql.createPool({ ...config(), ...own }), { ...options, slowQueryPlans });
    }

    function plans(): readonly SpanRecord[] {
      return recorded.spans.filter(({ name }) => name.startsWith("EXPLAIN"));
    }

    async function connections(): Promise<unknown> {
      const [[row]] = await plain.promise().query<RowDataPacket[]>("SHOW STATUS LIKE 'Threads_connected'");
      return row?.["Value"];
    }

    async function plansAre(count: number): Promise<void> {
      await vi.waitFor(() => expect(plans()).toHaveLength(count), 10_000);
    }

    it("are taken on another connection, with the same values, however they are sent", async () => {
      const pool = slow({ slowQueryPlans: { maxPerMinute: 100 } }, { namedPlaceholders: true });
      const db = pool.promise();
      await request("GET /", async () => {
        await db.query("SELECT id FROM pets p WHERE p.name = ?", ['it\'s "secret" \\']);
        await plansAre(1);
        await db.execute("SELECT name FROM pets WHERE name > ?", ["secret"]);
        await plansAre(2);
        await db.query(
          { sql: "SELECT name FROM pets WHERE name = :name AND id > :id", namedPlaceholders: true },
          {
            name: "secret",
            id: 1,
          },
        );
        await plansAre(3);
        await new Promise((done) => pool.query("SELECT * FROM pets WHERE name LIKE 'secret%'").on("end", done));
        await plansAre(4);
        await db.query("SELECT id FROM pets p WHERE p.name = 'another'");
        await db.query("UPDATE pets SET name = 'secret' WHERE name = 'none'");
        await db.query("SELECT 1; SELECT 2");
        await db.query("SELECT name FROM pets FOR UPDATE");
      });
      await db.end();
      expect(recorded.tree(...FACTS)).toBe(
        `
GET / [server]
├─ SELECT pets [client] {convex.db.query.slow=true}
│  └─ EXPLAIN SELECT pets [client] {convex.db.query.plan.seq_scan=["pets (name)"]}
├─ SELECT pets [client] {convex.db.query.slow=true}
│  └─ EXPLAIN SELECT pets [client] {convex.db.query.plan.seq_scan=["pets (name)"]}
├─ SELECT pets [client] {convex.db.query.slow=true}
│  └─ EXPLAIN SELECT pets [client]
├─ SELECT pets [client] {convex.db.query.slow=true}
│  └─ EXPLAIN SELECT pets [client] {convex.db.query.plan.seq_scan=["pets (name)"]}
├─ SELECT pets [client] {convex.db.query.slow=true}
├─ UPDATE pets [client] {convex.db.query.slow=true}
├─ SELECT; SELECT [client] {convex.db.query.slow=true}
└─ SELECT pets [client] {convex.db.query.slow=true}`.trim(),
      );
      expect(JSON.stringify(recorded.spans)).not.toContain("secret");
    });

    it("are those of Drizzle's queries, too", async () => {
      const pool = slow();
      const pets = mysqlTable("pets", { id: int("id").primaryKey(), name: varchar("name", { length: 20 }) });
      await request("GET /", async () => {
        const orm = drizzle(pool);
        expect(await orm.select({ id: pets.id }).from(pets).where(eq(pets.name, "Rex"))).toEqual([{ id: 1 }]);
        await plansAre(1);
      });
      await pool.promise().end();
      expect(recorded.tree(...FACTS)).toBe(
        `GET / [server]
└─ select \`pets\` [client] {convex.db.query.slow=true}
   └─ EXPLAIN select \`pets\` [client] {convex.db.query.plan.seq_scan=["pets (name)"]}`,
      );
    });

    it("are skipped where the pool has no connection to spare, and leave connections as they were", async () => {
      const db = slow({}, { connectionLimit: 2 }).promise();
      await request("GET /", async () => {
        const [one, two] = [await db.getConnection(), await db.getConnection()];
        await one.query("SELECT id FROM pets WHERE name = 'secret'");
        one.release();
        two.release();
        await db.query("SELECT name FROM pets WHERE name = 'secret'");
      });
      await plansAre(1);
      expect(plans()[0]?.attributes).toMatchObject({
        "db.system.name": "mariadb",
        "db.namespace": "test",
        "db.query.text": "EXPLAIN FORMAT=JSON SELECT name FROM pets WHERE name = ?",
        "db.query.summary": "EXPLAIN SELECT pets",
        "convex.db.query.plan.missed": 1,
        "convex.db.query.plan.seq_scan": ["pets (name)"],
        "convex.db.query.plan.text": expect.stringContaining("pets.`name` = ?"),
      });
      const settings =
        "SELECT @@SESSION.lock_wait_timeout AS a, @@SESSION.max_statement_time AS b, @@in_transaction AS c";
      const [[usual]] = await plain.promise().query<RowDataPacket[]>(settings);
      const both = [await db.getConnection(), await db.getConnection()];
      for (const each of both) {
        expect((await each.query<RowDataPacket[]>(settings))[0]).toEqual([usual]);
        each.release();
      }
      await db.end();
    });

    it("leave no mark on the connections that are opened for them", async () => {
      const pool = slow({ diagnostics: () => undefined });
      const db = pool.promise();
      let isTraced: boolean | undefined;
      await request("GET /", async () => {
        const one = await db.getConnection();
        await one.query("SELECT id FROM pets");
        await plansAre(1);
        await new Promise((done) => {
          pool.getConnection((_thrown, two) => {
            const listened = two.query("SELECT 1").on("result", () => {
              isTraced = startSpan("in a listener").isRecording();
            });
            listened.on("end", done);
            two.release();
          });
        });
        one.release();
      });
      await db.end();
      expect(isTraced).toBe(true);
    });

    it("are taken in a pool of one, when its connection is free, but not in a transaction that was left open", async () => {
      const db = slow({ diagnostics: () => undefined }, { connectionLimit: 1 }).promise();
      await request("GET /", async () => {
        await db.query("SELECT id FROM pets WHERE name = 'secret'");
        await plansAre(1);
        const connection = await db.getConnection();
        await connection.beginTransaction();
        await connection.query("DELETE FROM pets");
        connection.release();
        await db.query("SELECT 1 AS n FROM pets WHERE name = 'secret'");
        await db.query("ROLLBACK");
        expect((await db.query<RowDataPacket[]>("SELECT * FROM pets"))[0]).toHaveLength(3);
      });
      await db.end();
      expect(plans()).toHaveLength(1);
    });

    it("wait for no lock longer than a second, and are said once where they fail", async () => {
      const said: Diagnostic[] = [];
      const db = slow({
        slowQueryPlans: { windowMs: 0, maxPerMinute: 1000 },
        diagnostics: (it) => said.push(it),
      }).promise();
      await plain.promise().query("CREATE TABLE locked (a int)");
      const locker = await db.getConnection();
      await request("GET /", async () => {
        await locker.query("LOCK TABLES locked WRITE");
        await locker.query("SELECT a FROM locked");
        await vi.waitFor(() => expect(said.map(({ code }) => code)).toEqual(["sql.plan_failed"]), 10_000);
        await locker.query("UNLOCK TABLES");
        await locker.query("CREATE TEMPORARY TABLE own (a int)");
        // Another connection does not see that table.
        await locker.query("SELECT a FROM own");
        await vi.waitFor(async () => {
          await db.query("SELECT name FROM pets");
          expect(plans()).not.toEqual([]);
        }, 10_000);
      });
      locker.release();
      await db.end();
      expect(said).toHaveLength(1);
      expect(plans()[0]?.attributes["convex.db.query.plan.missed"]).toBeGreaterThanOrEqual(1);
    });

    it("run no function that writes", async () => {
      const db = slow({ diagnostics: () => undefined }).promise();
      await plain
        .promise()
        .query(
          "CREATE TABLE calls (n int); CREATE FUNCTION called() RETURNS int DETERMINISTIC BEGIN INSERT INTO calls VALUES (1); RETURN 1; END",
        );
      await request("GET /", () => db.query("SELECT name FROM pets WHERE id = called()"));
      const [before] = await plain.promise().query("SELECT * FROM calls");
      await plain.promise().query("SELECT SLEEP(0.1)");
      expect((await plain.promise().query("SELECT * FROM calls"))[0]).toEqual(before);
      await db.end();
    });

    it("of a connection are taken on one like it, never on it", async () => {
      const before = await connections();
      const own = mysql.createConnection({ ...config(), database: "mysql" });
      const sent = vi.spyOn(own, "query");
      const connection = instrumentMysql2(own.promise(), { slowQueryPlans: { thresholdMs: 0 } });
      // Where it was connected to is not where it is.
      await connection.changeUser({ database: "test" });
      await request("GET /", async () => {
        await connection.query("BEGIN");
        await connection.execute("SELECT id FROM pets WHERE name = ?", ["secret"]);
        await plansAre(1);
        await connection.query("COMMIT");
      });
      await connection.end();
      expect(sent.mock.calls.filter(([options]) => JSON.stringify(options).includes("EXPLAIN"))).toEqual([]);
      expect(recorded.tree(...FACTS)).toBe(
        `
GET / [server]
└─ SELECT pets [client] {convex.db.query.slow=true}
   └─ EXPLAIN SELECT pets [client] {convex.db.query.plan.seq_scan=["pets (name)"]}`.trim(),
      );
      // What was opened for the plan is closed, too.
      await vi.waitFor(async () => expect(await connections()).toBe(before), 10_000);
    });
  });
});
