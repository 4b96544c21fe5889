/** What telemetry says of a plan, whichever database made it. */
import { sha256Hex } from "../../../core/sha256.js";
import type { Attributes } from "../../../core/types.js";
import {
  CONVEX_DB_QUERY_PLAN_COST,
  CONVEX_DB_QUERY_PLAN_HASH,
  CONVEX_DB_QUERY_PLAN_ROWS,
  CONVEX_DB_QUERY_PLAN_SEQ_SCAN,
  CONVEX_DB_QUERY_PLAN_TEXT,
} from "../../../semconv/attributes.js";
import type { Plan, TableScan } from "./planFormat.js";

/** Characters of a plan that are kept. */
const MAX_TEXT_LENGTH = 16 * 1024;

const HASH_DIGITS = 16;

/** Attributes of a plan. */
export function planAttributes({ root, scans, cost, rows }: Plan): Attributes {
  return {
    [CONVEX_DB_QUERY_PLAN_TEXT]: JSON.stringify(root).slice(0, MAX_TEXT_LENGTH),
    [CONVEX_DB_QUERY_PLAN_HASH]: `v1:${sha256Hex(JSON.stringify(root, withoutEstimates), HASH_DIGITS)}`,
    [CONVEX_DB_QUERY_PLAN_COST]: cost,
    [CONVEX_DB_QUERY_PLAN_ROWS]: rows,
    [CONVEX_DB_QUERY_PLAN_SEQ_SCAN]: scans.length === 0 ? undefined : [...new Set(scans.map(scanText))],
  };
}

/** Members that are estimates, though they are texts, of MySQL and MariaDB. */
const ESTIMATES = new Set(["cost_info", "filtered", "buffer_size"]);

/** What is estimated differs from one day to the next; the shape of a plan is what stays, and whose change is news. */
function withoutEstimates(name: string, value: unknown): unknown {
  return typeof value === "number" || ESTIMATES.has(name) ? undefined : value;
}

/** `listings (material)`: the table, and the columns that an index could be on. */
function scanText({ table, columns }: TableScan): string {
  return columns.length === 0 ? table : `${table} (${columns.join(", ")})`;
}
