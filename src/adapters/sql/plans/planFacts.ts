/** What telemetry says of a plan. */
import { sha256Hex } from "../../../core/sha256.js";
import type { Attributes } from "../../../core/types.js";
import {
  CONVEX_DB_QUERY_PLAN_COST,
  CONVEX_DB_QUERY_PLAN_HASH,
  CONVEX_DB_QUERY_PLAN_ROWS,
  CONVEX_DB_QUERY_PLAN_SEQ_SCAN,
  CONVEX_DB_QUERY_PLAN_TEXT,
} from "../../../semconv/attributes.js";
import type { SqlFingerprinter } from "../sqlFingerprinter.js";
import { columnsIn } from "./planColumns.js";
import { nodesOf, type PlanNode, rootOf, withoutLiterals } from "./planTree.js";

/** Characters of a plan that are kept. */
const MAX_TEXT_LENGTH = 16 * 1024;

const HASH_DIGITS = 16;

/** Attributes of what `EXPLAIN` returned; undefined if it is no plan. */
export function planAttributes(returned: unknown, fingerprint: SqlFingerprinter): Attributes | undefined {
  const root = rootOf(returned);
  if (root === undefined) return undefined;
  const plan = withoutLiterals(root, fingerprint);
  const scans = sequentialScans(plan);
  return {
    [CONVEX_DB_QUERY_PLAN_TEXT]: JSON.stringify(plan).slice(0, MAX_TEXT_LENGTH),
    [CONVEX_DB_QUERY_PLAN_HASH]: `v1:${sha256Hex(JSON.stringify(plan, withoutNumbers), HASH_DIGITS)}`,
    [CONVEX_DB_QUERY_PLAN_COST]: numberOf(plan, "Total Cost"),
    [CONVEX_DB_QUERY_PLAN_ROWS]: numberOf(plan, "Plan Rows"),
    [CONVEX_DB_QUERY_PLAN_SEQ_SCAN]: scans.length === 0 ? undefined : scans,
  };
}

/** What is estimated differs from one day to the next; the shape of a plan is what stays, and whose change is news. */
function withoutNumbers(_name: string, value: unknown): unknown {
  return typeof value === "number" ? undefined : value;
}

/** `listings (material)`: the table, and the columns that an index could be on. */
function sequentialScans(plan: PlanNode): readonly string[] {
  const scans = nodesOf(plan).flatMap((node) => {
    const { "Node Type": type, "Relation Name": table, Filter: filter } = node;
    if (type !== "Seq Scan" || typeof table !== "string") return [];
    const columns = typeof filter === "string" ? columnsIn(filter) : [];
    return [columns.length === 0 ? table : `${table} (${columns.join(", ")})`];
  });
  return [...new Set(scans)];
}

function numberOf(plan: PlanNode, name: string): number | undefined {
  const value = plan[name];
  return typeof value === "number" ? value : undefined;
}
