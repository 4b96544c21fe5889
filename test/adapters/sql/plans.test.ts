/** Plans of slow queries: of which statements, how often, and that nobody notices. */
import { PGlite } from "@electric-sql/pglite";
import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { fingerprintSql, instrumentPglite, type SlowQueryPlanOptions } from "../../../src/adapters/sql/index.js";
import { isExplainable } from "../../../src/adapters/sql/plans/explainable.js";
import { PlanQuota } from "../../../src/adapters/sql/plans/planQuota.js";
import type { Diagnostic, SpanRecord } from "../../../src/index.js";
import { recordSpans, request } from "../cache/harness.js";

const dialect = "postgresql";

describe("which statements are explained", () => {
  it.each([
    "SELECT * FROM pets",
    'select last_update, "updated" FROM pets WHERE id = $1;',
    "/* UPDATE */ WITH a AS (SELECT 1) SELECT * FROM a",
    "(SELECT 1) UNION (SELECT 2)",
    "VALUES (1)",
    "SELECT 'DELETE FROM pets; DROP TABLE pets'",
  ])("%s", (sql) => expect(isExplainable(fingerprintSql(sql, { dialect }))).toBe(true));

  it.each([
    "INSERT INTO pets VALUES (1)",
    "WITH gone AS (DELETE FROM pets RETURNING *) SELECT * FROM gone",
    "SELECT * INTO copy FROM pets",
    "SELECT * FROM pets FOR UPDATE",
    "SELECT * FROM pets FOR NO KEY UPDATE",
    "SELECT * FROM pets FOR SHARE",
    "SELECT 1; SELECT 2",
    "EXPLAIN SELECT 1",
    "CALL work()",
    "SELECT 'open",
    "",
  ])("not: %s", (sql) => expect(isExplainable(fingerprintSql(sql, { dialect }))).toBe(false));
});

describe("how often plans are taken", () => {
  it("once in its window for each fingerprint, and a few in any minute", () => {
    const quota = new PlanQuota({ windowMs: 100_000, maxPerMinute: 2 });
    const ask = (fingerprint: string, now: number): boolean => {
      const isAllowed = quota.allows(fingerprint, now);
      if (isAllowed) quota.use(fingerprint, now);
      return isAllowed;
    };
    expect([ask("a", 0), ask("a", 1), ask("b", 2), ask("c", 3)]).toEqual([true, false, true, false]);
    expect([ask("c", 60_001), ask("a", 60_002), ask("a", 100_000)]).toEqual([true, false, true]);
  });

  it("whatever comes, and with bounded memory", () => {
    const asks = fc.array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 0, max: 20_000 })), {
      maxLength: 100,
    });
    const property = fc.property(asks, (steps) => {
      const quota = new PlanQuota({ windowMs: 90_000, maxPerMinute: 3 });
      const taken: { readonly of: number; readonly at: number }[] = [];
      let now = 0;
      for (const [of, wait] of steps) {
        now += wait;
        if (!quota.allows(String(of), now)) continue;
        quota.use(String(of), now);
        taken.push({ of, at: now });
      }
      for (const { of, at } of taken) {
        expect(taken.filter((other) => other.of === of && other.at <= at && at - other.at < 90_000)).toHaveLength(1);
        expect(taken.filter((other) => other.at <= at && at - other.at < 60_000).length).toBeLessThanOrEqual(3);
      }
    });
    fc.assert(property);
  });
});

describe("plans on PGlite", () => {
  const recorded = recordSpans();
  const said: Diagnostic[] = [];
  let plain: PGlite;

  beforeAll(async () => {
    plain = await PGlite.create();
    await plain.exec(`CREATE TABLE listings (id int PRIMARY KEY, material text, price int);
      INSERT INTO listings SELECT n, 'oak', n FROM generate_series(1, 500) AS n; ANALYZE listings`);
  }, 60_000);

  beforeEach(() => {
    said.length = 0;
  });

  afterAll(async () => {
    await plain.close();
  });

  /** The same database, as if it had not been instrumented before. */
  function instrumented(slowQueryPlans: SlowQueryPlanOptions): PGlite {
    const db: Pick<PGlite, "query" | "exec" | "transaction"> = {
      query: (...args) => plain.query(...args),
      exec: (...args) => plain.exec(...args),
      transaction: (...args) => plain.transaction(...args),
    };
    return instrumentPglite(db as PGlite, { slowQueryPlans, diagnostics: (it) => said.push(it) });
  }

  function plans(): readonly SpanRecord[] {
    return recorded.spans.filter(({ name }) => name.startsWith("EXPLAIN"));
  }

  const SLOW = "SELECT id FROM listings WHERE material = 'secret' AND price > $1";

  it("names the scanned table and its columns, below the query, and leaves the program alone", async () => {
    const db = instrumented({ thresholdMs: 0 });
    await request("GET /", async () => {
      expect((await db.query(SLOW, [7])).rows).toEqual([]);
    });
    await vi.waitFor(() => expect(plans()).toHaveLength(1), 60_000);
    await request("GET /", () => db.query(SLOW, [8]));
    await db.query("SELECT 1");
    expect(recorded.tree("convex.db.query.slow", "convex.db.query.plan.seq_scan")).toBe(
      `
GET / [server]
└─ SELECT listings [client] {convex.db.query.slow=true}
   └─ EXPLAIN SELECT listings [client] {convex.db.query.plan.seq_scan=["listings (material, price)"]}

GET / [server]
└─ SELECT listings [client] {convex.db.query.slow=true}`.trim(),
    );
    expect(plans()[0]?.attributes).toMatchObject({
      "db.system.name": "postgresql",
      "db.query.text": "EXPLAIN (FORMAT JSON) SELECT id FROM listings WHERE material = ? AND price > $1",
      "db.query.summary": "EXPLAIN SELECT listings",
      "convex.db.query.fingerprint": fingerprintSql(SLOW, { dialect }).fingerprint,
      "convex.db.query.plan.hash": expect.stringMatching(/^v1:[0-9a-f]{16}$/),
      "convex.db.query.plan.cost": expect.any(Number),
      "convex.db.query.plan.rows": expect.any(Number),
      "convex.db.query.plan.text": expect.stringContaining('"Node Type":"Seq Scan"'),
    });
    expect(JSON.stringify(recorded.spans)).not.toContain("secret");
  });

  it("asks nothing of fast ones, of writes, in transactions, and where the share is 0", async () => {
    const asked = vi.spyOn(plain, "query");
    const all = [
      [instrumented({ thresholdMs: 1e9 }), SLOW],
      [instrumented({ thresholdMs: 0, sampleRatio: 0 }), SLOW],
      [instrumented({ thresholdMs: 0, maxPerMinute: 0 }), SLOW],
      [instrumented({ thresholdMs: 0 }), "UPDATE listings SET price = $1 WHERE id = -1"],
    ] as const;
    await request("GET /", async () => {
      for (const [db, sql] of all) await db.query(sql, [1]);
      const db = instrumented({ thresholdMs: 0 });
      await db.transaction((tx) => tx.query(SLOW, [1]));
      await db.exec("/* start */ BEGIN; SELECT 'COMMIT'");
      await db.query(SLOW, [1]);
      await db.exec("COMMIT");
    });
    await plain.query("SELECT 1");
    expect(plans()).toEqual([]);
    expect(asked.mock.calls.filter(([sql]) => sql.startsWith("EXPLAIN"))).toEqual([]);
    asked.mockRestore();
  });

  it("counts what could not be explained, and says so once", async () => {
    const db = instrumented({ thresholdMs: 0, windowMs: 0 });
    await request("GET /", async () => {
      for (const name of ["one", "two"]) {
        await db.exec(`CREATE TEMP TABLE ${name} (a int)`);
        // Gone before its plan is asked for: the removal was queued first.
        await Promise.all([db.query(`SELECT * FROM ${name}`), plain.exec(`DROP TABLE ${name}`)]);
        await vi.waitFor(() => expect(said).toHaveLength(1), 60_000);
        await plain.query("SELECT 1");
      }
      await db.query(SLOW, [1]);
    });
    await vi.waitFor(() => expect(plans()).toHaveLength(1), 60_000);
    expect(plans()[0]?.attributes["convex.db.query.plan.missed"]).toBe(2);
    expect(said.map(({ code }) => code)).toEqual(["sql.plan_failed"]);
  });
});
