/** `GET /api/listings/:id`: one listing. */
import { withSpan } from "convex-otel";
import { Problem } from "../problem.js";
import type { Endpoint } from "./endpoint.js";
import { type ListingRow, toListing } from "./listing.js";

/** The largest `integer` of Postgres. */
const MAX_ID = 2_147_483_647;

const BY_ID = "SELECT id, category, title, material, price_cents FROM listings WHERE id = $1";

export const detail: Endpoint = async ({ database, caches }, { params }) => {
  const id = withSpan("parse_query", () => parseId(params["id"] ?? ""));
  const row = await withSpan("db_read", () =>
    caches.detail.cached(String(id), async () => {
      const [found] = await withSpan("sql_execute", () => database.query<ListingRow>(BY_ID, [id]));
      return found ?? null;
    }),
  );
  if (row === null) throw new Problem(404, "There is no such listing.");
  return withSpan("result_map", () => toListing(row));
};

function parseId(text: string): number {
  const id = Number(text);
  if (!/^\d{1,10}$/.test(text) || id > MAX_ID) throw new Problem(400, "An id is a whole number.");
  return id;
}
