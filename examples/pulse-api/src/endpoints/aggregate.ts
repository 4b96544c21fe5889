/** `GET /api/categories/:category/stats`: how many listings a category has, and at what prices. */
import { withSpan } from "convex-otel";
import { Problem } from "../problem.js";
import type { Endpoint } from "./endpoint.js";

interface StatsRow {
  readonly listings: number;
  readonly lowest: number | null;
  readonly median: number | null;
  readonly highest: number | null;
}

const BY_CATEGORY = `
  SELECT count(*)::integer AS listings, min(price_cents) AS lowest,
    percentile_disc(0.5) WITHIN GROUP (ORDER BY price_cents) AS median, max(price_cents) AS highest
  FROM listings WHERE category = $1`;

export const aggregate: Endpoint = async ({ database, caches }, { params }) => {
  const category = params["category"] ?? "";
  const stats = await withSpan("db_aggregate", () =>
    caches.aggregate.cached(category, async () => {
      const [row] = await withSpan("sql_execute", () => database.query<StatsRow>(BY_CATEGORY, [category]));
      return row ?? null;
    }),
  );
  if (stats === null || stats.listings === 0) throw new Problem(404, "There is no such category.");
  return { category, ...stats };
};
