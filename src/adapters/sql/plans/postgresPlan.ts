/** Plans of Postgres: `EXPLAIN (FORMAT JSON)`. */
import type { Plan, PlanFormat, TableScan } from "./planFormat.js";
import { isNode, numberOf, parsedDocument, type PlanNode, withoutLiterals } from "./planTree.js";
import { columnsIn } from "./postgresColumns.js";

/** Members whose text is a word of Postgres or a name of the schema. */
const NAMES = new Set([
  "Node Type",
  "Strategy",
  "Partial Mode",
  "Parent Relationship",
  "Join Type",
  "Scan Direction",
  "Operation",
  "Command",
  "Cache Mode",
  "Schema",
  "Relation Name",
  "Index Name",
  "Alias",
  "CTE Name",
  "Subplan Name",
  "Function Name",
]);

/** Plans of Postgres, PGlite included. */
export const postgresPlan: PlanFormat = {
  prefix: "EXPLAIN (FORMAT JSON)",
  read(returned, { fingerprint }): Plan | undefined {
    const document = parsedDocument(returned);
    const first: unknown = Array.isArray(document) ? document[0] : document;
    const plan = isNode(first) ? first["Plan"] : undefined;
    if (!isNode(plan)) return undefined;
    const root = withoutLiterals(plan, NAMES, fingerprint);
    const scans = nodesOf(root).flatMap(sequentialScan);
    return { root, scans, cost: numberOf(root["Total Cost"]), rows: numberOf(root["Plan Rows"]) };
  },
};

/** All nodes, from the first on. */
function nodesOf(node: PlanNode): readonly PlanNode[] {
  const below = node["Plans"];
  return [node, ...(Array.isArray(below) ? below.filter(isNode).flatMap(nodesOf) : [])];
}

function sequentialScan(node: PlanNode): readonly TableScan[] {
  const { "Node Type": type, "Relation Name": table, Filter: filter } = node;
  if (type !== "Seq Scan" || typeof table !== "string") return [];
  return [{ table, columns: typeof filter === "string" ? columnsIn(filter) : [] }];
}
