/** node-postgres on a real PostgreSQL: what test/adapters/sql holds on PGlite, and what only sessions apart can do. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createConnection, createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, inject, it, vi } from "vitest";
import { instrumentPg } from "../../src/adapters/sql/index.js";
import type { Diagnostic } from "../../src/index.js";
import { pgTests } from "../adapters/sql/pgSuite.js";
import { recordSpans, request } from "../adapters/cache/harness.js";
import { type PostgresServer, startPostgres } from "./postgresServer.js";

const binary = inject("postgresBinary");

describe.skipIf(binary === "")("node-postgres on a real PostgreSQL", () => {
  let server: PostgresServer;

  function config(): pg.PoolConfig {
    return { host: "127.0.0.1", port: server.port, user: "postgres", database: "postgres" };
  }

  beforeAll(async () => {
    server = await startPostgres(binary);
  });

  afterAll(async () => {
    await server?.stop();
  });

  describe("what holds on PGlite, too", () => pgTests(config));

  describe("what only a real server can do", () => {
    const recorded = recordSpans();

    it("plans that cannot be taken are said once, and break no connection", async () => {
      const said: Diagnostic[] = [];
      const slow = instrumentPg(new pg.Pool({ ...config(), max: 2 }), {
        slowQueryPlans: { thresholdMs: 0 },
        diagnostics: (it) => said.push(it),
      });
      await request("GET /", async () => {
        const client = await slow.connect();
        await client.query("BEGIN");
        await client.query("CREATE TABLE unseen (a int)");
        // Another connection does not see the table yet.
        await client.query("SELECT a FROM unseen");
        await vi.waitFor(() => expect(said).toHaveLength(1));
        await client.query("ROLLBACK");
        client.release();
        expect((await slow.query("SELECT 1 AS n")).rows).toEqual([{ n: 1 }]);
      });
      const plan = (): unknown => recorded.spans.find(({ name }) => name === "EXPLAIN SELECT")?.attributes;
      await vi.waitFor(() => expect(plan()).toMatchObject({ "convex.db.query.plan.missed": 1 }));
      await slow.end();
      expect(said.map(({ code }) => code)).toEqual(["sql.plan_failed"]);
    });

    it("plans of a client are taken with the password of now, and where there is none to be had, counted", async () => {
      const admin = new pg.Client(config());
      await admin.connect();
      const { rows } = await admin.query<{ hba_file: string }>("SHOW hba_file");
      const authentication = async (lines: string): Promise<void> => {
        await admin.query(`COPY (SELECT unnest(string_to_array('${lines}', ';'))) TO '${rows[0]?.hba_file}'`);
        await admin.query("SELECT pg_reload_conf()");
      };
      await admin.query(
        "CREATE TABLE guarded (a int); CREATE ROLE app LOGIN PASSWORD 'first'; GRANT SELECT ON guarded TO app",
      );
      await authentication("host all app 127.0.0.1/32 scram-sha-256;host all all 127.0.0.1/32 trust");
      const said: Diagnostic[] = [];
      let password = "first";
      const given = new pg.Client({ ...config(), user: "app", password: () => password });
      const client = instrumentPg(given, { slowQueryPlans: { thresholdMs: 0 }, diagnostics: (it) => said.push(it) });
      const plans = (): unknown[] => recorded.spans.filter(({ name }) => name.startsWith("EXPLAIN"));
      try {
        await vi.waitFor(async () => await client.connect());
        await request("GET /", async () => {
          await admin.query("ALTER ROLE app PASSWORD 'second'");
          await client.query("SELECT a FROM guarded WHERE a > $1", [1]);
          await vi.waitFor(() => expect(said.map(({ code }) => code)).toEqual(["sql.plan_failed"]), 10_000);
          password = "second";
          await client.query("SELECT a FROM guarded WHERE a = $1", [2]);
          await vi.waitFor(() => expect(plans()).toHaveLength(1), 10_000);
        });
      } finally {
        await client.end();
        await authentication("host all all 127.0.0.1/32 trust");
      }
      expect(recorded.tree("convex.db.query.plan.seq_scan", "convex.db.query.plan.missed")).toBe(
        `
GET / [server]
├─ SELECT guarded [client]
└─ SELECT guarded [client]
   └─ EXPLAIN SELECT guarded [client] {convex.db.query.plan.seq_scan=["guarded (a)"] convex.db.query.plan.missed=1}`.trim(),
      );
      await vi.waitFor(async () => {
        const { rowCount } = await admin.query("SELECT FROM pg_stat_activity WHERE usename = 'app'");
        expect(rowCount).toBe(0);
      }, 10_000);
      await admin.query("DROP TABLE guarded; DROP ROLE app");
      await admin.end();
    });

    it("a plan that fails leaves the transaction of a client alone", async () => {
      const said: Diagnostic[] = [];
      const client = instrumentPg(new pg.Client(config()), {
        slowQueryPlans: { thresholdMs: 0 },
        diagnostics: (it) => said.push(it),
      });
      await client.connect();
      await request("GET /", async () => {
        await client.query("BEGIN");
        await client.query("CREATE TABLE unseen (a int)");
        // The other connection does not see the table yet.
        await client.query("SELECT a FROM unseen");
        await vi.waitFor(() => expect(said.map(({ code }) => code)).toEqual(["sql.plan_failed"]), 10_000);
        expect((await client.query("SELECT a FROM unseen")).rows).toEqual([]);
        await client.query("ROLLBACK");
      });
      await client.end();
      expect(recorded.tree()).toBe(
        "GET / [server]\n├─ CREATE TABLE unseen [client]\n├─ SELECT unseen [client]\n└─ SELECT unseen [client]",
      );
    });

    it("a plan of a client keeps no process alive, whoever does not answer", async () => {
      let connections = 0;
      const silent = createServer((socket) => {
        connections += 1;
        socket.on("error", () => undefined);
        // The program's own connection leads to the server, that for the plan to nobody.
        if (connections === 1) socket.pipe(createConnection(server.port, "127.0.0.1")).pipe(socket);
      });
      await once(silent.listen(0, "127.0.0.1"), "listening");
      const program = fileURLToPath(new URL("lonePgClient.ts", import.meta.url));
      const { port } = silent.address() as AddressInfo;
      const { stdout, stderr } = await promisify(execFile)(process.execPath, [
        "--import",
        "tsx",
        program,
        String(port),
      ]);
      silent.close();
      expect([stdout, stderr, connections]).toEqual(["1\n", "", 2]);
    });

    it("a plan waits for no lock longer than a second, and no query waits for a plan", async () => {
      const slow = instrumentPg(new pg.Pool({ ...config(), max: 4 }), {
        slowQueryPlans: { thresholdMs: 0 },
        diagnostics: () => undefined,
      });
      await slow.query("CREATE TABLE locked (a int)");
      const locker = await slow.connect();
      await request("GET /", async () => {
        await locker.query("BEGIN");
        await locker.query("LOCK TABLE locked IN ACCESS EXCLUSIVE MODE");
        await locker.query("SELECT a FROM locked");
        // The plan of that one waits for the lock; these do not wait for the plan.
        expect((await slow.query("SELECT 2 AS n")).rows).toEqual([{ n: 2 }]);
      });
      await vi.waitFor(() => expect([slow.totalCount - slow.idleCount]).toEqual([1]), { timeout: 10_000 });
      await locker.query("ROLLBACK");
      locker.release();
      await slow.query("DROP TABLE locked");
      await slow.end();
      expect(recorded.tree()).toBe(
        "GET / [server]\n├─ LOCK TABLE locked [client]\n├─ SELECT locked [client]\n└─ SELECT [client]",
      );
    });
  });
});
