/** PGlite, and what a program sees of its being instrumented: nothing. */
import { PGlite, type Results, type Transaction } from "@electric-sql/pglite";
import { identifier, raw, sql } from "@electric-sql/pglite/template";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { instrumentPglite } from "../../../src/adapters/sql/index.js";
import type { Diagnostic, SpanRecord } from "../../../src/index.js";
import { recordSpans, request } from "../cache/harness.js";

const SHOWN = ["db.query.text", "db.response.returned_rows", "db.response.status_code"];

describe("PGlite", () => {
  const recorded = recordSpans();
  let db: PGlite;

  function statements(): readonly SpanRecord[] {
    return recorded.spans.filter(({ kind }) => kind === "client");
  }

  beforeAll(async () => {
    db = instrumentPglite(await PGlite.create());
    await db.exec("CREATE TABLE pets (id int PRIMARY KEY, name text NOT NULL)");
  }, 60_000);

  beforeEach(async () => {
    await db.exec("TRUNCATE pets; INSERT INTO pets VALUES (1, 'Rex'), (2, 'Tom'), (3, 'Ada')");
    recorded.reset();
  });

  afterAll(async () => {
    await db.close();
  });

  it("records query, exec and sql", async () => {
    await request("GET /", async () => {
      expect((await db.query("SELECT name FROM pets WHERE id = $1", [1])).rows).toEqual([{ name: "Rex" }]);
      expect((await db.sql`SELECT name FROM pets WHERE id = ${2}`).rows).toEqual([{ name: "Tom" }]);
      expect((await db.query("UPDATE pets SET name = 'secret'")).affectedRows).toBe(3);
      expect(await db.exec("DELETE FROM pets WHERE id = 3; SELECT * FROM pets")).toHaveLength(2);
    });
    expect(recorded.tree(...SHOWN)).toBe(
      `
GET / [server]
├─ SELECT pets [client] {db.query.text="SELECT name FROM pets WHERE id = $1" db.response.returned_rows=1}
├─ SELECT pets [client] {db.query.text="SELECT name FROM pets WHERE id = $1" db.response.returned_rows=1}
├─ UPDATE pets [client] {db.query.text="UPDATE pets SET name = ?"}
└─ DELETE pets; SELECT pets [client] {db.query.text="DELETE FROM pets WHERE id = ?; SELECT * FROM pets" db.response.returned_rows=2}`.trim(),
    );
    expect(JSON.stringify(recorded.spans)).not.toContain("secret");
    expect(statements()[0]?.attributes).toEqual({
      "db.system.name": "postgresql",
      "db.query.text": "SELECT name FROM pets WHERE id = $1",
      "db.query.summary": "SELECT pets",
      "convex.db.query.fingerprint": expect.stringMatching(/^v1:/),
      "db.response.returned_rows": 1,
    });
  });

  it("takes several statements in one text for one operation: a batch is made of operations that are given apart", async () => {
    await request("GET /", () => db.exec("DELETE FROM pets WHERE id = 3; DELETE FROM pets WHERE id = 2"));
    expect(recorded.tree("db.query.text", "db.operation.batch.size")).toBe(
      `
GET / [server]
└─ DELETE pets; DELETE pets [client] {db.query.text="DELETE FROM pets WHERE id = ?; DELETE FROM pets WHERE id = ?"}`.trim(),
    );
  });

  it("records what runs in a transaction, templates as PGlite reads them, and its failure", async () => {
    const order = sql`ORDER BY ${identifier`id`} ${raw`DESC`}`;
    await request("POST /", async () => {
      const names = await db.transaction(async (tx) => {
        const { rows } = await tx.sql`SELECT name FROM ${identifier`pets`} WHERE id > ${1} ${order} LIMIT ${1}`;
        await tx.exec("UPDATE pets SET name = 'secret'");
        await tx.query("DELETE FROM pets WHERE id = $1", [3]);
        await tx.rollback();
        return rows;
      });
      expect(names).toEqual([{ name: "Ada" }]);
      const error = await db
        .transaction((tx) => tx.query("SELECT nothing FROM pets"))
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: "42703", message: 'column "nothing" does not exist' });
    });
    expect(recorded.tree(...SHOWN)).toBe(
      `
POST / [server]
├─ SELECT "pets" [client] {db.query.text="SELECT name FROM \\"pets\\" WHERE id > $1 ORDER BY \\"id\\" DESC LIMIT $2" db.response.returned_rows=1}
├─ UPDATE pets [client] {db.query.text="UPDATE pets SET name = ?"}
├─ DELETE pets [client] {db.query.text="DELETE FROM pets WHERE id = $1"}
└─ SELECT pets [client] {db.query.text="SELECT nothing FROM pets" db.response.status_code=42703}
     ! error: 42703`.trim(),
    );
  });

  it("is recorded once, and says so; other things are refused", () => {
    const said: Diagnostic[] = [];
    expect(instrumentPglite(db, { diagnostics: (it) => said.push(it) })).toBe(db);
    expect(said.map(({ code }) => code)).toEqual(["sql.instrumented_twice"]);
    expect(() => instrumentPglite(JSON.parse("{}") as PGlite)).toThrow(TypeError);
  });

  type Step = readonly [form: "query" | "exec" | "sql", text: string, value: number];

  const text = fc.constantFrom(
    "SELECT * FROM pets ORDER BY id",
    "SELECT name FROM pets WHERE id = 1",
    "INSERT INTO pets VALUES (7, 'Kim') RETURNING *",
    "DELETE FROM pets WHERE id = 2",
    "UPDATE pets SET name = name || '!' WHERE id < 3 RETURNING name",
    "SELECT 1 / 0",
    "SELECT * FROM nothing",
    "SELECT 'open",
    "BEGIN",
    "SAVEPOINT one",
    "ROLLBACK TO SAVEPOINT one",
    "COMMIT",
    "",
  );
  const step: fc.Arbitrary<Step> = fc.tuple(
    fc.constantFrom("query", "query", "exec", "sql"),
    text,
    fc.integer({ min: 0, max: 4 }),
  );
  const part = fc.record({
    kind: fc.constantFrom("plain", "plain", "transaction"),
    steps: fc.array(step, { maxLength: 5 }),
  });

  function described(thrown: unknown): unknown {
    const { code, message } = thrown as Error & { readonly code?: string };
    return [code, message];
  }

  async function take(on: PGlite | Transaction, [form, statement, value]: Step): Promise<unknown> {
    if (form === "exec") return await on.exec(statement);
    if (form === "sql") return await on.sql`SELECT ${value}::int AS n, ${raw`${statement.length}`} AS length`;
    return await on.query(statement);
  }

  /** What each step returned or threw, and what is left. */
  async function runOn(on: PGlite, parts: readonly { kind: string; steps: readonly Step[] }[]): Promise<unknown[]> {
    const seen: unknown[] = [];
    const all = async (target: PGlite | Transaction, steps: readonly Step[]): Promise<void> => {
      for (const one of steps) {
        seen.push(await take(target, one).catch(described));
      }
    };
    for (const { kind, steps } of parts) {
      if (kind === "plain") await all(on, steps);
      else await on.transaction((tx) => all(tx, steps)).catch((thrown: unknown) => seen.push(described(thrown)));
    }
    await on.exec("ROLLBACK");
    return [...seen, (await on.query<Results>("SELECT * FROM pets ORDER BY id")).rows];
  }

  it("answers any program as one that is not instrumented", async () => {
    const plain = await PGlite.create();
    await plain.exec("CREATE TABLE pets (id int PRIMARY KEY, name text NOT NULL)");
    const reset = "TRUNCATE pets; INSERT INTO pets VALUES (1, 'Rex'), (2, 'Tom'), (3, 'Ada')";
    const programs = fc.asyncProperty(fc.array(part, { maxLength: 4 }), fc.boolean(), async (parts, isTraced) => {
      for (const each of [db, plain]) await each.exec(reset);
      const seen = isTraced ? await request("GET /", () => runOn(db, parts)) : await runOn(db, parts);
      expect(seen).toEqual(await runOn(plain, parts));
    });
    await fc.assert(programs, { numRuns: 60 });
    await plain.close();
  }, 60_000);
});
