/** `GET /api/search?q=…&material=…&limit=…`: listings by the beginning of their title, by material, or both. */
import { withSpan } from "convex-otel";
import type { Database } from "../database/database.js";
import { Problem } from "../problem.js";
import type { Endpoint } from "./endpoint.js";
import { type ListingRow, toListing } from "./listing.js";

const MAX_LIMIT = 50;
const DEFAULT_LIMIT = 20;

interface Filter {
  readonly title: string | null;
  readonly material: string | null;
  readonly limit: number;
}

export const search: Endpoint = async ({ database, caches }, { query }) => {
  const filter = withSpan("parse_query", () => parseFilter(query));
  const rows = await withSpan("db_search", () =>
    caches.search.cached(JSON.stringify(filter), () => findListings(database, filter)),
  );
  return withSpan("result_map", () => ({ listings: rows.map(toListing) }));
};

function parseFilter(query: URLSearchParams): Filter {
  const title = query.get("q")?.trim().toLowerCase() || null;
  const material = query.get("material") || null;
  if (title === null && material === null) throw new Problem(400, "Say what to search: q, material, or both.");
  const limit = Number(query.get("limit") ?? DEFAULT_LIMIT);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw new Problem(400, `limit must be a whole number from 1 to ${MAX_LIMIT}.`);
  }
  return { title, material, limit };
}

/** Each filter has a statement of its own, so that Postgres plans what is asked. */
async function findListings(database: Database, { title, material, limit }: Filter): Promise<readonly ListingRow[]> {
  return await withSpan("sql_execute", async () => {
    if (material === null) {
      const byTitle = `
        SELECT id, category, title, material, price_cents
        FROM listings WHERE title LIKE $1 ORDER BY title USING ~<~ LIMIT $2`;
      return await database.query<ListingRow>(byTitle, [startingWith(title ?? ""), limit]);
    }
    if (title === null) {
      const byMaterial = `
        SELECT id, category, title, material, price_cents
        FROM listings WHERE material = $1 ORDER BY price_cents LIMIT $2`;
      return await database.query<ListingRow>(byMaterial, [material, limit]);
    }
    const byBoth = `
      SELECT id, category, title, material, price_cents
      FROM listings WHERE title LIKE $1 AND material = $2 ORDER BY price_cents LIMIT $3`;
    return await database.query<ListingRow>(byBoth, [startingWith(title), material, limit]);
  });
}

/** A pattern that the index on titles serves. What is special in a pattern stands for itself. */
function startingWith(title: string): string {
  return `${title.replaceAll(/[\\%_]/g, (character) => `\\${character}`)}%`;
}
