/** mysql2 on a real MariaDB, with callbacks and with promises. */
import mysql, { type RowDataPacket } from "mysql2";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { instrumentMysql2 } from "../../src/adapters/sql/index.js";
import { type Diagnostic, getActiveSpan, type SpanRecord } from "../../src/index.js";
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
});
