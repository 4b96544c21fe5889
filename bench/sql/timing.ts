/** What a statement costs, against one look at each of its characters, and against the regular expressions that people write. */
import { fingerprintSql, sqlFingerprinter } from "convex-otel/sql";
import { loadModule, parseSync } from "libpg-query";
import { interleave, repeated } from "../harness/interleave.js";
import { estimate, ratios } from "../harness/statistics.js";
import { factor, type Metric } from "./metric.js";
import { regexes } from "./tools.js";

/** Of about 200 characters each, as ORMs and people write them. */
const QUERIES = [
  "SELECT p.id, p.name, o.city, o.street FROM pets p LEFT JOIN owners o ON o.id = p.owner_id WHERE o.city = 'Oslo' AND p.age >= 12 AND p.state IN ('new', 'open', 'held') ORDER BY p.name DESC LIMIT 50 OFFSET 100",
  'SELECT "users"."id", "users"."email", "users"."created_at" FROM "users" INNER JOIN "accounts" ON "accounts"."user_id" = "users"."id" WHERE "users"."email" = $1 AND "accounts"."status" = $2 LIMIT $3',
  "INSERT INTO order_items (order_id, product_id, quantity, price, discount, created_at) VALUES (1001, 55, 2, 19.99, 0.5, '2024-05-06 10:11:12'), (1001, 56, 1, 5.00, 0, '2024-05-06 10:11:12') RETURNING id, created_at",
  "UPDATE accounts SET balance = balance - 250.75, updated_at = now(), note = 'transfer to savings' WHERE id = 42 AND version = 7 AND status <> 'closed' AND owner_id = 99 AND region = 'eu-north-1' RETURNING balance",
];

let next = 0;

/** One of the queries, in turns, so that no side can learn one by heart. */
function query(): string {
  return QUERIES[next++ & 3] ?? "";
}

function scan(sql: string): number {
  let sum = 0;
  for (let at = 0; at < sql.length; at++) sum = (sum + sql.charCodeAt(at)) | 0;
  return sum;
}

export async function timing(): Promise<Metric[]> {
  await loadModule();
  const remembering = sqlFingerprinter({ dialect: "postgresql" });
  const [parameterized = ""] = QUERIES.slice(1);
  const times = await interleave(
    {
      scan: repeated(() => scan(query())),
      ours: repeated(() => fingerprintSql(query(), { dialect: "postgresql" })),
      mysql: repeated(() => fingerprintSql(query(), { dialect: "mysql" })),
      sqlite: repeated(() => fingerprintSql(query(), { dialect: "sqlite" })),
      remembered: repeated(() => remembering(parameterized)),
      regex: repeated(() => regexes(query())),
      parser: repeated(() => parseSync(query())),
    },
    { seconds: 12 },
  );
  const ratio = (a: keyof typeof times, b: keyof typeof times) => estimate(ratios(times[a], times[b])).median;
  const nanoseconds = (name: keyof typeof times) => `${(estimate(times[name]).median * 1e6).toFixed(0)} ns`;
  const cost = { bar: { atMost: 10 }, stretch: { atMost: 7 }, format: factor };
  return [
    {
      what: "time of 200 characters / one scan",
      value: ratio("ours", "scan"),
      ...cost,
      note: `PostgreSQL; ${nanoseconds("ours")}, scan ${nanoseconds("scan")}`,
    },
    { what: "  MySQL", value: ratio("mysql", "scan"), ...cost },
    { what: "  SQLite", value: ratio("sqlite", "scan"), ...cost },
    {
      what: "  with parameters, remembered",
      value: ratio("remembered", "scan"),
      format: factor,
      note: "sqlFingerprinter",
    },
    { what: "  the regular expressions", value: ratio("regex", "scan"), format: factor },
    { what: "  libpg-query, parsing only", value: ratio("parser", "scan"), format: factor },
    { what: "time / the regular expressions", value: ratio("ours", "regex"), bar: { atMost: 1 }, format: factor },
  ];
}
