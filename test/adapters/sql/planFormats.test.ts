/** What is read in the plans of each database: facts of real ones, no literal of any, and nothing that throws. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fingerprintSql, type SqlDialect, sqlFingerprinter } from "../../../src/adapters/sql/index.js";
import { mariadbDocument } from "../../../src/adapters/sql/plans/mariadbDocument.js";
import { mysqlPlan } from "../../../src/adapters/sql/plans/mysqlPlan.js";
import { planAttributes } from "../../../src/adapters/sql/plans/planFacts.js";
import type { ExplainedStatement, PlanFormat } from "../../../src/adapters/sql/plans/planFormat.js";
import { columnsIn } from "../../../src/adapters/sql/plans/postgresColumns.js";
import { postgresPlan } from "../../../src/adapters/sql/plans/postgresPlan.js";
import { sqlitePlan } from "../../../src/adapters/sql/plans/sqlitePlan.js";
import { statementParts } from "../../../src/adapters/sql/plans/statementParts.js";
import type { Attributes } from "../../../src/index.js";
import { DOCUMENTS } from "./planDocuments.js";

function explained(sql: string, dialect: SqlDialect): ExplainedStatement {
  return { known: fingerprintSql(sql, { dialect }), fingerprint: sqlFingerprinter({ dialect }) };
}

function attributes(format: PlanFormat, returned: unknown, sql = "", dialect: SqlDialect = "postgresql"): Attributes {
  const plan = format.read(returned, explained(sql, dialect));
  return plan === undefined ? {} : planAttributes(plan);
}

describe("real plans", () => {
  it.each(DOCUMENTS)("$from: $sql", ({ format, returned, sql, dialect, scans, cost, rows }) => {
    const facts = attributes(format, returned, sql, dialect);
    expect(facts).toEqual({
      "convex.db.query.plan.text": expect.stringMatching(/^\{".*\}$/),
      "convex.db.query.plan.hash": expect.stringMatching(/^v1:[0-9a-f]{16}$/),
      "convex.db.query.plan.seq_scan": scans,
      "convex.db.query.plan.cost": cost,
      "convex.db.query.plan.rows": rows,
    });
    expect(JSON.stringify(facts)).not.toContain("secret");
  });
});

describe("a plan of Postgres", () => {
  const scan = { "Node Type": "Seq Scan", "Relation Name": "pets", Filter: "((name)::text = 'secret'::text)" };
  const plan = (cost: number, node: object): unknown => [{ Plan: { ...node, "Total Cost": cost, "Plan Rows": 7 } }];

  it("has no literals, wherever they are", () => {
    const odd = { ...scan, Odd: ["x = 'secret'"], "Sort Key": ["(name || 'secret')"] };
    expect(JSON.stringify(attributes(postgresPlan, plan(3.5, odd)))).not.toContain("secret");
  });

  it("has one hash for one shape", () => {
    const hash = (cost: number, node: object): unknown =>
      attributes(postgresPlan, plan(cost, node))["convex.db.query.plan.hash"];
    const other = { ...scan, Filter: "((name)::text = 'other'::text)" };
    expect(hash(1, scan)).toBe(hash(2, other));
    expect(hash(1, scan)).not.toBe(hash(1, { "Node Type": "Index Scan", "Relation Name": "pets" }));
  });
});

describe("a plan of MySQL", () => {
  const document = (rows: number, cost: string, condition: string): string =>
    JSON.stringify({
      query_block: {
        cost_info: { query_cost: cost },
        table: {
          table_name: "p",
          access_type: "ALL",
          rows_examined_per_scan: rows,
          filtered: cost,
          cost_info: { data_read_per_join: cost },
          attached_condition: condition,
        },
      },
    });

  it("has one hash for one shape, whatever is estimated and asked for", () => {
    const hash = (returned: string): unknown =>
      attributes(mysqlPlan, returned, "", "mysql")["convex.db.query.plan.hash"];
    const first = hash(document(1, "1.00", "(`p`.`name` = 'secret')"));
    expect(hash(document(20, "16K", "(`p`.`name` = 'it\\'s another')"))).toBe(first);
    expect(hash(document(1, "1.00", "(`p`.`born` = 'secret')"))).not.toBe(first);
  });
});

describe("what MariaDB writes for a literal", () => {
  const conditions = (value: string, kind: "plain" | "escaped"): string => {
    const literal = value.replace(/[\\']/g, "\\$&").replaceAll("\n", "\\n").replaceAll("\r", "\\r");
    const condition = `pets.\`name\` = '${literal}' and pets.\`owner\` = 'sentinel'`;
    const text = kind === "plain" ? condition : JSON.stringify(condition).slice(1, -1);
    return `{\n  "query_block": {\n    "table": {\n      "table_name": "pets",\n      "access_type": "ALL",\n      "attached_condition": "${text}"\n    }\n  }\n}`;
  };
  const read = (value: string, kind: "plain" | "escaped"): Attributes =>
    attributes(mysqlPlan, mariadbDocument(conditions(value, kind)), "SELECT * FROM pets", "mariadb");
  const usual = read("Rex", "plain");

  it.each(["it's", 'a"b', 'x", "table_name": "mine', "\\", "a\\'b", "line\nfeed", "\\n", "it's \\ \"all\" \\'", ""])(
    "%j: the same plan as for any other",
    (value) => {
      expect(read(value, "plain")).toEqual(usual);
      expect(read(value, "escaped")).toEqual(usual);
    },
  );

  it("is never in the plan, whatever it is", () => {
    const piece = fc.constantFrom("'", '"', "\\", "\n", "sentinel", " and ", "x", ",", "{", "}", ":", "#", "--", "/*");
    const value = fc.oneof(
      fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join("")),
      fc.string(),
    );
    fc.assert(
      fc.property(value, fc.constantFrom("plain" as const, "escaped" as const), (text, kind) => {
        fc.pre(!/[\0-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f]/.test(text));
        expect(JSON.stringify(read(text, kind))).not.toContain("sentinel");
      }),
      { numRuns: 2000 },
    );
  });
});

describe("hostile documents", () => {
  const formats = { postgresPlan, mysqlPlan, sqlitePlan };
  const names = [
    "Plan",
    "Plans",
    "Node Type",
    "query_block",
    "query_plan",
    "operation",
    "table",
    "table_name",
    "condition",
  ];
  const more = [
    "access_type",
    "alias",
    "inputs",
    "id",
    "parent",
    "detail",
    "cost_info",
    "Filter",
    "__proto__",
    "toJSON",
  ];
  const { node } = fc.letrec((tie) => ({
    node: fc.oneof(
      { maxDepth: 6 },
      fc.constantFrom("ALL", "table", "SCAN pets", "Seq Scan", "MATERIALIZE x", "'", "`a`.`b` = 'c'"),
      fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true }),
      fc.array(tie("node"), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom(...names, ...more), tie("node"), { maxKeys: 5 }),
    ),
  }));

  it.each(Object.entries(formats))("%s throws for none, and reads what can be sent", (_name, format) => {
    fc.assert(
      fc.property(
        fc.oneof(
          node,
          node.map((it) => [it]),
          node.map((it) => ({ Plan: it, query_block: it })),
        ),
        (returned) => {
          const facts = attributes(format, returned, "SELECT * FROM pets", "sqlite");
          for (const fact of Object.values(facts)) {
            expect(["string", "number", "undefined", "object"]).toContain(typeof fact);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each(Object.entries(formats))("%s takes texts that are no plans, and plans without end", (_name, format) => {
    for (const odd of [
      undefined,
      null,
      7,
      "",
      "no json",
      "[]",
      [],
      [{}],
      [{ Plan: 1 }],
      { query_block: 1 },
      [{ id: 1 }],
    ]) {
      expect(attributes(format, odd)).toEqual({});
    }
    for (const name of ["Plans", "inputs", "query_block", "table"]) {
      let deep: object = {};
      for (let level = 0; level < 10_000; level++) deep = { [name]: level % 2 === 0 ? deep : [deep] };
      const plan = { Plan: deep, query_block: deep };
      expect(attributes(format, plan)).toEqual(attributes(format, plan));
    }
  });
});

describe("the columns of a condition of Postgres", () => {
  it.each([
    ["((material)::text = ?::text)", ["material"]],
    ["((l.price > ?) AND (lower((l.title)::text) ~~ ?::text))", ["price", "title"]],
    ['("Weird Col" = $1)', ['"Weird Col"']],
    ["((meta ->> ?::text) IS NOT NULL)", ["meta"]],
    ["(id = ANY (?::integer[]))", ["id"]],
    ["((name)::character varying(20) = ?::bpchar)", ["name"]],
    ["(created_at > (now() - ?::interval))", ["created_at"]],
    ["(NOT (hashed SubPlan ?))", []],
    ["((price > (InitPlan ?).col1) AND ((address).city = ?))", ["address", "price"]],
  ])("%s", (condition, columns) => expect(columnsIn(condition)).toEqual(columns));

  it("are found in time whatever the condition", () => {
    fc.assert(fc.property(fc.string({ maxLength: 200 }), (text) => Array.isArray(columnsIn(text))));
    expect(columnsIn('"'.repeat(20_000))).toBeInstanceOf(Array);
    expect(columnsIn("a.".repeat(20_000))).toBeInstanceOf(Array);
  });
});

describe("the tables and conditions of a statement", () => {
  const parts = (sql: string): readonly [string, string] => {
    const { tables, filtered } = statementParts(sql);
    const named = [...tables].map(([name, table]) => (name === table ? name : `${name}=${table ?? "?"}`));
    return [
      named.join(" "),
      filtered.map(({ of, column }) => (of === undefined ? column : `${of}.${column}`)).join(" "),
    ];
  };

  it.each([
    ["SELECT name FROM pets WHERE id = ?", "pets", "id"],
    ["select p.name from Pets as P where P.id = ? and lower(P.name) like ?", "pets=Pets p=Pets", "p.id p.name"],
    ["SELECT * FROM a, b x, c AS y", "a b x=b c y=c", ""],
    ["SELECT * FROM a LEFT JOIN b ON a.x = b.y INNER JOIN c USING (z) WHERE w IN (?)", "a b c", "a.x b.y z w"],
    ["SELECT * FROM `db`.`odd name` `o` WHERE `o`.`a b` > :min", "odd name o=odd name", "o.a b"],
    ['SELECT * FROM "main"."pets" WHERE "pets"."born" IS NULL', "pets", "pets.born"],
    ["SELECT * FROM [my pets] p WHERE [p].[id] = @id", "my pets p=my pets", "p.id"],
    ["SELECT * FROM (SELECT id FROM pets WHERE a = ?) d WHERE d.id = ?", "pets", "a d.id"],
    ["SELECT * FROM (a x JOIN b ON x.i = b.i) WHERE x.k = ?", "a x=a b", "x.i b.i x.k"],
    ["SELECT a FROM t WHERE b IN (SELECT c FROM u WHERE d = ?) AND e = ?", "t u", "b d e"],
    ["SELECT EXTRACT(year FROM born) FROM pets WHERE EXTRACT(month FROM born) = ?", "pets", "month born"],
    ["SELECT * FROM t WHERE a IS DISTINCT FROM b ORDER BY c LIMIT ?", "t", "a b"],
    ["SELECT * FROM t WHERE CAST(a AS INTEGER) = ? AND b COLLATE nocase = ? GROUP BY c HAVING d > ?", "t", "a b"],
    ["SELECT * FROM json_each(x) j, pets WHERE id = j.value", "pets", "id j.value"],
    ["SELECT * FROM a FORCE INDEX (i) WHERE k = ?", "a", "k"],
    ["SELECT * FROM a x WHERE x.i = ? UNION SELECT * FROM b x WHERE x.j = ?", "a x=? b", "x.i x.j"],
    ["WITH r AS (SELECT a FROM t WHERE b = ?) SELECT * FROM r JOIN s ON r.a = s.a", "t r s", "b r.a s.a"],
  ])("%s", (sql, tables, filtered) => expect(parts(sql)).toEqual([tables, filtered]));

  it("are read in time whatever the statement, and never throw", () => {
    const words = fc.constantFrom(
      "SELECT",
      "FROM",
      "WHERE",
      "(",
      ")",
      ",",
      "JOIN",
      "ON",
      "a",
      "a.b",
      "`x",
      '"',
      "[",
      "]",
      "AS",
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(words).map((list) => list.join(" ")),
        ),
        (text) => {
          expect(statementParts(text).filtered).toBeInstanceOf(Array);
        },
      ),
    );
    for (const text of ["(", ")", "[", "`", '"', "a.", "a ", "FROM a,", "WHERE a ("]) {
      expect(statementParts(text.repeat(30_000 / text.length)).tables).toBeInstanceOf(Map);
    }
  });
});
