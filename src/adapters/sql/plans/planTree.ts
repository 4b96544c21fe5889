/** A plan as `EXPLAIN (FORMAT JSON)` of Postgres gives it, and how it becomes fit for telemetry. */
import type { SqlFingerprinter } from "../sqlFingerprinter.js";

/** A plan, or a part of it. */
export type PlanValue = string | number | boolean | null | readonly PlanValue[] | PlanNode;

/** A node of a plan, by the names of Postgres: `Node Type`, `Plan Rows`. */
export interface PlanNode {
  readonly [name: string]: PlanValue | undefined;
}

/** Members whose text is a word of Postgres or a name of the schema. All other texts are expressions, and may hold literals. */
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

/** The first node of what Postgres returned; undefined if that is no plan. */
export function rootOf(returned: unknown): PlanNode | undefined {
  const parsed: unknown = typeof returned === "string" ? parsedJson(returned) : returned;
  const first: unknown = Array.isArray(parsed) ? parsed[0] : parsed;
  const plan = isNode(first) ? first["Plan"] : undefined;
  return isNode(plan) ? plan : undefined;
}

/** The plan with `?` for each literal. */
export function withoutLiterals(node: PlanNode, fingerprint: SqlFingerprinter): PlanNode {
  return cleaned(node, "", fingerprint) as PlanNode;
}

/** All nodes, from the first on. */
export function nodesOf(node: PlanNode): readonly PlanNode[] {
  const below = node["Plans"];
  return [node, ...(Array.isArray(below) ? below.filter(isNode).flatMap(nodesOf) : [])];
}

function cleaned(value: PlanValue, name: string, fingerprint: SqlFingerprinter): PlanValue {
  if (typeof value === "string") return NAMES.has(name) ? value : fingerprint(value).text;
  if (isList(value)) return value.map((item) => cleaned(item, name, fingerprint));
  if (!isNode(value)) return value;
  const members = Object.entries(value).map(([key, member]) => [key, cleaned(member ?? null, key, fingerprint)]);
  return Object.fromEntries(members) as PlanNode;
}

function isList(value: unknown): value is readonly PlanValue[] {
  return Array.isArray(value);
}

function isNode(value: unknown): value is PlanNode {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
