/** What holds for node-postgres on any Postgres: test/adapters/sql runs it on PGlite, test/e2e on a real server. */
import { Socket } from "node:net";
import { context, trace } from "@opentelemetry/api";
import { eq, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/node-postgres";
import { integer, pgTable, text } from "drizzle-orm/pg-core";
import pg from "pg";
import Cursor from "pg-cursor";
import QueryStream from "pg-query-stream";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { instrumentPg, type InstrumentPgOptions } from "../../../src/adapters/sql/index.js";
import { type Diagnostic, getActiveSpan, type SpanRecord, startSpan, withSpan } from "../../../src/index.js";
import { recordSpans, request } from "../cache/harness.js";

const SHOWN = ["db.query.text", "db.response.returned_rows", "db.response.status_code"];

/** Declares the tests. `config` is asked when they run. */
export function pgTests(config: () => pg.PoolConfig): void {
  const recorded = recordSpans();
  let plain: pg.Pool;
  let pool: pg.Pool;

  /** Spans of statements: times are too coarse to tell a request from its first one. */
  function statements(): readonly SpanRecord[] {
    return recorded.spans.filter(({ kind }) => kind === "client");
  }

  function instrumented(options: InstrumentPgOptions = {}, own: pg.PoolConfig = {}): pg.Pool {
    return instrumentPg(new pg.Pool({ ...config(), ...own }), options);
  }

  beforeAll(async () => {
    plain = new pg.Pool(config());
    await plain.query("DROP TABLE IF EXISTS pets");
    await plain.query("CREATE TABLE pets (id int PRIMARY KEY, name text NOT NULL, born date)");
    pool = instrumented();
  });

  beforeEach(async () => {
    await plain.query("TRUNCATE pets; INSERT INTO pets VALUES (1, 'Rex'), (2, 'Tom'), (3, 'Ada')");
    recorded.reset();
  });

  afterAll(async () => {
    await pool.end();
    await plain.end();
  });

  it("records statements of a pool by their summary, whatever form they have", async () => {
    await request("GET /", async () => {
      expect((await pool.query("SELECT name FROM pets WHERE id = 1")).rows).toEqual([{ name: "Rex" }]);
      expect((await pool.query("SELECT name FROM pets WHERE id > $1", [1])).rowCount).toBe(2);
      expect((await pool.query({ text: "SELECT name FROM pets", rowMode: "array" })).rows).toHaveLength(3);
      expect(
        (await pool.query({ name: "by id", text: "SELECT name FROM pets WHERE id = $1", values: [2] })).rows,
      ).toEqual([{ name: "Tom" }]);
      expect((await pool.query("UPDATE pets SET name = 'secret' WHERE id = $1", [1])).rowCount).toBe(1);
      expect((await pool.query("INSERT INTO pets VALUES (4, 'secret') RETURNING id")).rows).toEqual([{ id: 4 }]);
      expect((await pool.query("SELECT name FROM pets WHERE id = 99")).rows).toEqual([]);
      expect(await pool.query("SELECT 1 AS a; SELECT 2 AS b")).toHaveLength(2);
    });
    expect(recorded.tree(...SHOWN)).toBe(
      `
GET / [server]
├─ SELECT pets [client] {db.query.text="SELECT name FROM pets WHERE id = ?" db.response.returned_rows=1}
├─ SELECT pets [client] {db.query.text="SELECT name FROM pets WHERE id > $1" db.response.returned_rows=2}
├─ SELECT pets [client] {db.query.text="SELECT name FROM pets" db.response.returned_rows=3}
├─ SELECT pets [client] {db.query.text="SELECT name FROM pets WHERE id = $1" db.response.returned_rows=1}
├─ UPDATE pets [client] {db.query.text="UPDATE pets SET name = ? WHERE id = $1"}
├─ INSERT pets [client] {db.query.text="INSERT INTO pets VALUES (?, ?) RETURNING id" db.response.returned_rows=1}
├─ SELECT pets [client] {db.query.text="SELECT name FROM pets WHERE id = ?" db.response.returned_rows=0}
└─ SELECT; SELECT [client] {db.query.text="SELECT ? AS a; SELECT ? AS b" db.response.returned_rows=2}`.trim(),
    );
    expect(JSON.stringify(recorded.spans)).not.toContain("secret");
    expect(statements().at(-1)?.attributes).toEqual({
      "db.system.name": "postgresql",
      "db.namespace": config().database,
      "db.query.text": "SELECT ? AS a; SELECT ? AS b",
      "db.query.summary": "SELECT; SELECT",
      "convex.db.query.fingerprint": expect.stringMatching(/^v1:[0-9a-z]{13}$/),
      "db.response.returned_rows": 2,
      "server.address": "127.0.0.1",
      "server.port": config().port,
    });
  });

  it("records statements with callbacks, and calls these back where they were given", async () => {
    const active: (string | undefined)[] = [];
    const id = (): string | undefined => getActiveSpan()?.spanContext().spanId;
    const ids: (string | undefined)[] = [];
    const single = instrumented({}, { max: 1 });
    const ask = (name: string): Promise<void> =>
      request(name, () => {
        const own = id();
        return new Promise<void>((done, fail) => {
          single.query("SELECT name FROM pets WHERE id = $1", [1], (thrown, result) => {
            if (thrown !== undefined && thrown !== null) return fail(thrown);
            active.push(id());
            ids.push(own);
            expect(result.rows).toEqual([{ name: "Rex" }]);
            single.query("SELECT 1", (_thrown, next) => {
              expect(next.rows).toHaveLength(1);
              single.connect((failed, client, release) => {
                if (failed !== undefined && failed !== null) return fail(failed);
                active.push(id());
                ids.push(own);
                client?.query({ text: "SELECT born FROM pets" }, () => {
                  release();
                  done();
                });
              });
            });
          });
        });
      });
    await Promise.all([ask("GET /a"), ask("GET /b")]);
    await single.end();
    expect(active).toEqual(ids);
    const below = ["├─ SELECT pets [client]", "├─ SELECT [client]", "└─ SELECT pets [client]"];
    expect(recorded.tree().split("\n")).toEqual(["GET /a [server]", ...below, "", "GET /b [server]", ...below]);
  });

  it("leaves out what only starts and ends transactions, unless it is asked for or fails", async () => {
    const transfer = async (from: pg.Pool): Promise<void> => {
      const client = await from.connect();
      await client.query("BEGIN");
      await client.query("SAVEPOINT one");
      await client.query("UPDATE pets SET name = $1", ["secret"]);
      await client.query("ROLLBACK TO SAVEPOINT one");
      await client.query("COMMIT");
      await expect(client.query("ROLLBACK TO SAVEPOINT one")).rejects.toMatchObject({ code: "25P01" });
      client.release();
    };
    await request("POST /", () => transfer(pool));
    expect(recorded.tree("db.response.status_code")).toBe(
      `
POST / [server]
├─ UPDATE pets [client]
└─ ROLLBACK [client] {db.response.status_code=25P01}
     ! error: 25P01`.trim(),
    );
    recorded.reset();
    const all = instrumented({ transactions: "record" });
    await request("POST /", () => transfer(all));
    await all.end();
    expect(statements().map(({ name }) => name)).toEqual([
      "BEGIN",
      "postgresql",
      "UPDATE pets",
      "ROLLBACK",
      "COMMIT",
      "ROLLBACK",
    ]);
  });

  it("records failures by their SQLSTATE, throws the same error, and quotes nothing", async () => {
    const failing = ["SELECT secret FROM pets", "INSERT INTO pets VALUES (1, 'secret')", "SELECT 'secret'::int"];
    const own = "DO $$ BEGIN RAISE EXCEPTION 'my secret'; END $$";
    const errors: unknown[] = [];
    await request("GET /", async () => {
      for (const sql of [...failing, own]) errors.push(await pool.query(sql).catch((thrown: unknown) => thrown));
      await new Promise<void>((done) => {
        pool.query("SELECT secret FROM pets", (thrown: unknown) => {
          errors.push(thrown);
          done();
        });
      });
    });
    expect(errors.map((error) => (error as pg.DatabaseError).code)).toEqual([
      "42703",
      "23505",
      "22P02",
      "P0001",
      "42703",
    ]);
    expect(errors.every((error) => error instanceof pg.DatabaseError)).toBe(true);
    expect(recorded.tree("db.response.status_code")).toBe(
      `
GET / [server]
├─ SELECT pets [client] {db.response.status_code=42703}
│    ! error: 42703
├─ INSERT pets [client] {db.response.status_code=23505}
│    ! error: 23505
├─ SELECT [client] {db.response.status_code=22P02}
│    ! error: 22P02
├─ postgresql [client] {db.response.status_code=P0001}
│    ! error: P0001
└─ SELECT pets [client] {db.response.status_code=42703}
     ! error: 42703`.trim(),
    );
    expect(statements().map(({ status }) => status.message)).toEqual([
      "column ? does not exist",
      "duplicate key value violates unique constraint ?",
      "invalid input syntax for type integer",
      undefined,
      "column ? does not exist",
    ]);
    const withoutText = recorded.spans.map(({ attributes: { "db.query.text": _text, ...rest }, events, status }) => [
      rest,
      events,
      status,
    ]);
    expect(JSON.stringify(withoutText)).not.toContain("secret");
  });

  it("quotes nothing in the spans around a failed statement either", async () => {
    const orm = drizzle(pool);
    const raised = "DO $$ BEGIN RAISE EXCEPTION 'secret' USING ERRCODE = '23505'; END $$";
    const failing: readonly (() => Promise<unknown>)[] = [
      () => pool.query("INSERT INTO pets VALUES ($1, 'x')", ["secret"]),
      () => pool.query(raised),
      async () => await orm.execute(sql`SELECT ${"secret"}::int`),
    ];
    for (const fail of failing) {
      await request("POST /", () => expect(withSpan("save", fail)).rejects.toThrow("secret"));
    }
    expect(recorded.spans.flatMap(({ events }) => events.map(({ name }) => name))).toEqual(Array(3).fill("exception"));
    expect(JSON.stringify(recorded.spans)).not.toContain("secret");
  });

  it("leaves it to node-postgres to refuse what is no statement", async () => {
    const calls = [[], [null], [5], [{}], [{ text: 5 }], ["SELECT 1", 5]];
    const outcome = (from: pg.Pool, args: readonly unknown[]): Promise<unknown> =>
      (Reflect.apply(from.query, from, args) as Promise<pg.QueryResult>).then(({ rowCount }) => rowCount, String);
    for (const args of calls) {
      const expected = await outcome(plain, args);
      expect(await request("GET /", () => outcome(pool, args))).toBe(expected);
    }
  });

  it("records cursors and streams until they are read or closed, with the rows that were read", async () => {
    const read = await request("GET /", async () => {
      const client = await pool.connect();
      const cursor = client.query(new Cursor("SELECT * FROM generate_series(1, 5) AS n", []));
      const first = await cursor.read(2);
      await cursor.close();
      const stream = client.query(new QueryStream("SELECT name FROM pets WHERE id < $1", [3]));
      const rows: unknown[] = [];
      for await (const row of stream) rows.push(row);
      const failing = client.query(new Cursor("SELECT nothing FROM pets", []));
      await expect(failing.read(1)).rejects.toMatchObject({ code: "42703" });
      const submitted = client.query(new pg.Query("SELECT name FROM pets"));
      await new Promise((done) => submitted.on("end", done));
      client.release();
      return [first, rows];
    });
    expect(read).toEqual([
      [{ n: 1 }, { n: 2 }],
      [{ name: "Rex" }, { name: "Tom" }],
    ]);
    expect(recorded.tree(...SHOWN)).toBe(
      `
GET / [server]
├─ SELECT generate_series [client] {db.query.text="SELECT * FROM generate_series(?, ?) AS n" db.response.returned_rows=2}
├─ SELECT pets [client] {db.query.text="SELECT name FROM pets WHERE id < $1" db.response.returned_rows=2}
├─ SELECT pets [client] {db.query.text="SELECT nothing FROM pets" db.response.status_code=42703}
│    ! error: 42703
└─ SELECT pets [client] {db.query.text="SELECT name FROM pets" db.response.returned_rows=3}`.trim(),
    );
  });

  it("keeps requests apart that wait for the same connection", async () => {
    const single = instrumented({}, { max: 1 });
    const ask = (name: string): Promise<unknown> =>
      request(name, () => single.query("SELECT name FROM pets WHERE id = $1", [1]));
    const untraced = single.query("SELECT born FROM pets");
    await Promise.all([ask("GET /a"), ask("GET /b"), untraced, single.query("SELECT born FROM pets"), ask("GET /c")]);
    await single.end();
    expect(recorded.tree()).toBe(
      ["a", "b", "c"].map((name) => `GET /${name} [server]\n└─ SELECT pets [client]`).join("\n\n"),
    );
  });

  it("leaves a config as it was, also one whose members are computed, and prepared ones by name alone", async () => {
    class Computed {
      get text(): string {
        return "SELECT name FROM pets WHERE id = $1";
      }
      get values(): unknown[] {
        return [1];
      }
    }
    const commenting = instrumented({ comments: "traceparent" });
    const frozen = Object.freeze({ text: "SELECT name FROM pets WHERE id = 1" });
    await request("GET /", async () => {
      expect((await commenting.query(new Computed())).rows).toEqual([{ name: "Rex" }]);
      expect((await commenting.query(frozen)).rows).toEqual([{ name: "Rex" }]);
      const client = await commenting.connect();
      await client.query({ name: "one", text: "SELECT name FROM pets WHERE id = $1", values: [1] });
      const again = { name: "one", values: [2] } as unknown as pg.QueryConfig;
      expect((await client.query(again)).rows).toEqual([{ name: "Tom" }]);
      client.release();
    });
    await commenting.end();
    expect(statements().map(({ attributes }) => attributes["db.query.text"])).toEqual([
      "SELECT name FROM pets WHERE id = $1",
      "SELECT name FROM pets WHERE id = ?",
      "SELECT name FROM pets WHERE id = $1",
      "SELECT name FROM pets WHERE id = $1",
    ]);
  });

  it("tells the server the span on request, but not in what it keeps", async () => {
    const commenting = instrumented({ comments: "traceparent" });
    const own = "SELECT query FROM pg_stat_activity WHERE pid = pg_backend_pid()";
    const seen = await request("GET /", async () => {
      const one = await commenting.query(own);
      const two = await commenting.query({ text: own, values: [] });
      const named = await commenting.query({ name: "own", text: own });
      const taken = await commenting.query(`${own} -- mine`);
      return [one, two, named, taken].map(({ rows }) => (rows[0] as { query: string }).query);
    });
    await commenting.end();
    const [first, second] = statements();
    const comment = (span: typeof first): string => `/*traceparent='00-${span?.traceId}-${span?.spanId}-01'*/`;
    expect(seen).toEqual([`${own} ${comment(first)}`, `${own} ${comment(second)}`, own, `${own} -- mine`]);
    expect(new Set(statements().map(({ attributes }) => attributes["convex.db.query.fingerprint"])).size).toBe(1);
  });

  it("records a client of its own, and each of them once", async () => {
    const said: Diagnostic[] = [];
    const client = instrumentPg(new pg.Client(config()), { diagnostics: (it) => said.push(it) });
    instrumentPg(client, { diagnostics: (it) => said.push(it) });
    instrumentPg(pool, { diagnostics: (it) => said.push(it) });
    await client.connect();
    await request("GET /", async () => {
      await client.query("SELECT name FROM pets");
      await pool.query("SELECT born FROM pets");
    });
    await client.end();
    expect(recorded.tree()).toBe("GET / [server]\n├─ SELECT pets [client]\n└─ SELECT pets [client]");
    expect(said.map(({ code }) => code)).toEqual(["sql.instrumented_twice", "sql.instrumented_twice"]);
  });

  it("fails as it would where nobody listens, with the address that was tried", async () => {
    const dead = instrumented({}, { port: 1, connectionTimeoutMillis: 2000 });
    const plainDead = new pg.Pool({ ...config(), port: 1 });
    const failure = (from: pg.Pool): Promise<Error> =>
      from.query("SELECT 1").then(
        () => new Error("none"),
        (thrown: unknown) => thrown as Error,
      );
    const [error, expected] = await request(
      "GET /",
      async () => [await failure(dead), await failure(plainDead)] as const,
    );
    expect([error.message, error.constructor]).toEqual([expected.message, expected.constructor]);
    await request("GET /", async () => {
      await expect(dead.connect()).rejects.toThrow(expected.message);
    });
    await dead.end();
    await plainDead.end();
    expect(recorded.tree("server.address", "server.port")).toBe(
      `
GET / [server]
└─ SELECT [client] {server.address=127.0.0.1 server.port=1}
     ! error: ECONNREFUSED

GET / [server]`.trim(),
    );
  });

  it("does nothing where nothing is traced", async () => {
    trace.disable();
    context.disable();
    expect((await pool.query("SELECT name FROM pets WHERE id = 1")).rows).toEqual([{ name: "Rex" }]);
    expect(recorded.spans).toEqual([]);
  });

  it("records what Drizzle does with a pool, also in a transaction", async () => {
    const orm = drizzle(pool);
    const pets = pgTable("pets", { id: integer("id").primaryKey(), name: text("name").notNull() });
    await request("GET /", async () => {
      expect(await orm.select({ name: pets.name }).from(pets).where(eq(pets.id, 1))).toEqual([{ name: "Rex" }]);
      await orm.transaction(async (tx) => {
        await tx.update(pets).set({ name: "secret" }).where(eq(pets.id, 1));
      });
    });
    expect(recorded.tree(...SHOWN)).toBe(
      `
GET / [server]
├─ select "pets" [client] {db.query.text="select \\"name\\" from \\"pets\\" where \\"pets\\".\\"id\\" = $1" db.response.returned_rows=1}
└─ update "pets" [client] {db.query.text="update \\"pets\\" set \\"name\\" = $1 where \\"pets\\".\\"id\\" = $2"}`.trim(),
    );
    expect(JSON.stringify(recorded.spans)).not.toContain("secret");
  });

  it("takes errors as they are inside of spans", async () => {
    const seen: unknown[] = [];
    await request("GET /", () =>
      withSpan("work", async () => {
        await pool.query("SELECT nothing FROM pets").catch((thrown: unknown) => seen.push(thrown));
        const sync = (): unknown => pool.query(null as unknown as string);
        await Promise.resolve()
          .then(sync)
          .catch((thrown: unknown) => seen.push(thrown));
      }),
    );
    expect(seen).toHaveLength(2);
    expect(seen[1]).toBeInstanceOf(TypeError);
  });

  describe("plans of slow queries", () => {
    const SLOW = "SELECT name FROM pets WHERE born = $1";

    it("are taken on another connection, with the same parameters, below the query", async () => {
      const slow = instrumented({ slowQueryPlans: { thresholdMs: 0 } });
      await request("GET /", async () => {
        expect((await slow.query(SLOW, ["2020-02-02"])).rows).toEqual([]);
        expect((await slow.query({ text: SLOW, values: ["2020-02-03"] })).rows).toEqual([]);
        await slow.query("UPDATE pets SET name = 'secret' WHERE id = $1", [1]);
      });
      await vi.waitFor(() => expect(statements()).toHaveLength(4), 60_000);
      await slow.end();
      expect(recorded.tree("convex.db.query.slow", "convex.db.query.plan.seq_scan")).toBe(
        `
GET / [server]
├─ SELECT pets [client] {convex.db.query.slow=true}
│  └─ EXPLAIN SELECT pets [client] {convex.db.query.plan.seq_scan=["pets (born)"]}
├─ SELECT pets [client] {convex.db.query.slow=true}
└─ UPDATE pets [client] {convex.db.query.slow=true}`.trim(),
      );
      expect(JSON.stringify(recorded.spans)).not.toMatch(/secret|2020/);
    });

    it("are skipped where the pool has no connection to spare, and leave it as it was", async () => {
      const slow = instrumented({ slowQueryPlans: { thresholdMs: 0 } }, { max: 2 });
      await request("GET /", async () => {
        const [one, two] = [await slow.connect(), await slow.connect()];
        await one.query(SLOW, [null]);
        one.release();
        two.release();
        await slow.query("SELECT born FROM pets WHERE name = $1", ["secret"]);
      });
      await vi.waitFor(() => expect(statements()).toHaveLength(3), 60_000);
      const plan = statements().find(({ name }) => name === "EXPLAIN SELECT pets");
      expect(plan?.attributes["convex.db.query.plan.missed"]).toBe(1);
      expect(plan?.attributes["convex.db.query.plan.seq_scan"]).toEqual(["pets (name)"]);
      await vi.waitFor(() => expect([slow.totalCount, slow.idleCount, slow.waitingCount]).toEqual([2, 2, 0]), 60_000);
      // Nothing of the transaction and its settings is left.
      const settings = await Promise.all([1, 2].map(() => slow.query("SHOW statement_timeout")));
      expect(settings.map(({ rows }) => rows)).toEqual([[{ statement_timeout: "0" }], [{ statement_timeout: "0" }]]);
      await slow.end();
    });

    it("are those of cursors and streams, too, from the time until these are read or closed", async () => {
      const slow = instrumented({ slowQueryPlans: { thresholdMs: 0, windowMs: 0 } });
      await request("GET /", async () => {
        const client = await slow.connect();
        const cursor = client.query(new Cursor("SELECT name FROM pets WHERE name <> $1", ["secret"]));
        await cursor.read(1);
        await cursor.close();
        await vi.waitFor(() => expect(statements()).toHaveLength(2), 60_000);
        const stream = client.query(new QueryStream("SELECT id FROM pets WHERE born IS NULL"));
        for await (const row of stream) expect(row).toHaveProperty("id");
        await vi.waitFor(() => expect(statements()).toHaveLength(4), 60_000);
        client.release();
      });
      await slow.end();
      expect(recorded.tree("convex.db.query.slow", "convex.db.query.plan.seq_scan")).toBe(
        `
GET / [server]
├─ SELECT pets [client] {convex.db.query.slow=true}
│  └─ EXPLAIN SELECT pets [client] {convex.db.query.plan.seq_scan=["pets (name)"]}
└─ SELECT pets [client] {convex.db.query.slow=true}
   └─ EXPLAIN SELECT pets [client] {convex.db.query.plan.seq_scan=["pets (born)"]}`.trim(),
      );
      expect(JSON.stringify(recorded.spans)).not.toContain("secret");
    });

    it("leave no mark on the connections that are opened for them", async () => {
      const slow = instrumented({ slowQueryPlans: { thresholdMs: 0 } });
      let isTraced: boolean | undefined;
      await request("GET /", async () => {
        const one = await slow.connect();
        await one.query(SLOW, [null]);
        await vi.waitFor(() => expect(statements()).toHaveLength(2), 60_000);
        const two = await slow.connect();
        const cursor = two.query(new Cursor("SELECT 1"));
        const listened = new Promise((done) => cursor.on("end", done));
        cursor.on("row", () => {
          isTraced = startSpan("in a listener").isRecording();
        });
        await cursor.read(2);
        await listened;
        one.release();
        two.release();
      });
      await slow.end();
      expect(isTraced).toBe(true);
    });

    it("of a client are taken on a connection like its own, never on it", async () => {
      const client = instrumentPg(new pg.Client(config()), { slowQueryPlans: { thresholdMs: 0 } });
      const own = vi.spyOn(client.connection, "query");
      const bound = vi.spyOn(client.connection, "parse");
      await client.connect();
      await request("GET /", async () => {
        expect((await client.query(SLOW, ["2020-02-02"])).rows).toEqual([]);
        await vi.waitFor(() => expect(statements()).toHaveLength(2), 60_000);
        await client.query("UPDATE pets SET name = 'secret' WHERE id = 1");
      });
      await client.end();
      const sent = [...own.mock.calls.flat(), ...bound.mock.calls.map(([{ text: sql }]) => sql)];
      expect(sent.filter((sql) => String(sql).includes("EXPLAIN"))).toEqual([]);
      expect(recorded.tree("convex.db.query.slow", "convex.db.query.plan.seq_scan")).toBe(
        `
GET / [server]
├─ SELECT pets [client] {convex.db.query.slow=true}
│  └─ EXPLAIN SELECT pets [client] {convex.db.query.plan.seq_scan=["pets (born)"]}
└─ UPDATE pets [client] {convex.db.query.slow=true}`.trim(),
      );
      expect(JSON.stringify(recorded.spans)).not.toMatch(/secret|2020/);
    });

    it("of a client that made its socket itself are not taken, as nobody knows where it leads to", async () => {
      const made: unknown[] = [];
      const { port, ...rest } = config();
      const stream = (): Socket => {
        const socket = new Socket();
        made.push(socket);
        // The parameters say another port than the one that is used.
        const connect = socket.connect.bind(socket) as (port: number, host: string) => Socket;
        return Object.assign(socket, { connect: () => connect(Number(port), "127.0.0.1") });
      };
      const client = instrumentPg(new pg.Client({ ...rest, port: 1, stream }), { slowQueryPlans: { thresholdMs: 0 } });
      await client.connect();
      await request("GET /", () => client.query(SLOW, [null]));
      await client.end();
      expect(made).toHaveLength(1);
      expect(recorded.tree()).toBe("GET / [server]\n└─ SELECT pets [client]");
    });
  });

  describe("options", () => {
    it("are refused where they are wrong", () => {
      const wrong = [
        [{ transactions: true }, 'option "transactions": got a value of type boolean; allowed: "omit" or "record"'],
        [{ comments: "all" }, 'option "comments": got a value of type string; allowed: "none" or "traceparent"'],
        [{ diagnostics: 1 }, 'option "diagnostics": got 1; allowed: a function (diagnostic) => void'],
        [
          { slowQueryPlans: { thresholdMs: -1 } },
          'option "slowQueryPlans.thresholdMs": got -1; allowed: a number not below 0',
        ],
        [
          { slowQueryPlans: { sampleRatio: 2 } },
          'option "slowQueryPlans.sampleRatio": got 2; allowed: a number from 0 to 1',
        ],
      ] as const;
      for (const [options, message] of wrong) {
        expect(() => instrumentPg(plain, options as unknown as InstrumentPgOptions)).toThrow(
          new TypeError(`instrumentPg: ${message}.`),
        );
      }
      expect(() => instrumentPg(JSON.parse("{}") as pg.Pool)).toThrow(TypeError);
    });
  });
}
