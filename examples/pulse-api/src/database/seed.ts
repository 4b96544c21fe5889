/**
 * The table and its rows. Rows are made by Postgres out of their number, so that every run has the same ones and a million
 * of them take seconds.
 */
import type { Database } from "./database.js";

/** Rows of the table unless told otherwise. */
export const DEFAULT_ROWS = 1_000_000;

/** Rows in one statement: small enough to show progress. */
const BATCH = 100_000;

/** The table. `material` came with a later release, which forgot that a filter needs an index. */
const TABLE = `
  CREATE TABLE listings (
    id integer PRIMARY KEY,
    category text NOT NULL,
    title text NOT NULL,
    material text NOT NULL,
    price_cents integer NOT NULL,
    updated_at timestamptz NOT NULL
  )`;

const INDEXES = [
  "CREATE INDEX listings_title ON listings (title text_pattern_ops)",
  "CREATE INDEX listings_category ON listings (category)",
];

const ROWS = `
  INSERT INTO listings (id, category, title, material, price_cents, updated_at)
  SELECT
    i,
    'category-' || i % 1000,
    (ARRAY['amber', 'birch', 'cedar', 'dune', 'ember', 'fern', 'granite', 'hazel', 'iris', 'jade'])[1 + i % 10]
      || ' ' || (ARRAY['lamp', 'chair', 'table', 'shelf', 'mirror', 'rug', 'vase', 'clock'])[1 + (i / 10) % 8]
      || ' ' || i,
    (ARRAY['oak', 'steel', 'glass', 'linen', 'marble'])[1 + (i / 7) % 5] || '-' || (i / 35) % 400,
    100 + (i % 90000) * 11,
    timestamptz '2026-01-01 00:00:00Z' + i * interval '15 seconds'
  FROM generate_series($1::integer, $2::integer) AS i`;

/** Makes the table and fills it, unless it is there with as many rows. Tells how far it is, from 0 to 1. */
export async function seed(database: Database, rows: number, progress: (part: number) => void): Promise<void> {
  if ((await countRows(database)) === rows) return;
  await database.query("DROP TABLE IF EXISTS listings");
  await database.query(TABLE);
  for (let first = 1; first <= rows; first += BATCH) {
    await database.query(ROWS, [first, Math.min(first + BATCH - 1, rows)]);
    progress(first / rows);
  }
  for (const index of INDEXES) await database.query(index);
  await database.query("ANALYZE listings");
  progress(1);
}

async function countRows(database: Database): Promise<number> {
  const [table] = await database.query<{ name: string | null }>("SELECT to_regclass('listings')::text AS name");
  if (table?.name === null) return 0;
  const [count] = await database.query<{ rows: number }>("SELECT count(*)::integer AS rows FROM listings");
  return count?.rows ?? 0;
}
