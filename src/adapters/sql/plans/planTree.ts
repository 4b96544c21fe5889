/** A plan as a tree of plain data, and how it becomes fit for telemetry. */
import type { SqlFingerprinter } from "../sqlFingerprinter.js";

/** A plan, or a part of it. */
export type PlanValue = string | number | boolean | null | readonly PlanValue[] | PlanNode;

/** A node of a plan, by the names that its database gives its members: `Node Type`, `access_type`. */
export interface PlanNode {
  readonly [name: string]: PlanValue | undefined;
}

/** What is nested deeper is left out: no planner nests like that, and whoever reads the plan would run out of stack. */
const MOST_LEVELS = 200;

/**
 * The plan with `?` for each literal. Texts are expressions, which may hold literals, but for those of the members in `names`:
 * words of the database, and names of the schema.
 */
export function withoutLiterals(node: object, names: ReadonlySet<string>, fingerprint: SqlFingerprinter): PlanNode {
  const cleaned = (value: unknown, name: string, level: number): PlanValue => {
    if (typeof value === "string") return names.has(name) ? value : fingerprint(value).text;
    if (typeof value === "number" || typeof value === "boolean") return value;
    if (typeof value !== "object" || value === null || level > MOST_LEVELS) return null;
    if (isList(value)) return value.map((item) => cleaned(item, name, level + 1));
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, cleaned(member, key, level + 1)]));
  };
  return cleaned(node, "", 0) as PlanNode;
}

/** Whether a part of a plan has members. */
export function isNode(value: unknown): value is PlanNode {
  return typeof value === "object" && value !== null && !isList(value);
}

/** The document that a database returned as text, or as what its driver made of it. */
export function parsedDocument(returned: unknown): unknown {
  if (typeof returned !== "string") return returned;
  try {
    return JSON.parse(returned);
  } catch {
    return undefined;
  }
}

/** A member that is a number, which some databases write as text. */
export function numberOf(value: unknown): number | undefined {
  const number = typeof value === "string" && value !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}
