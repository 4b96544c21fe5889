/**
 * The shape of a database query: table, index, fields and operators, never a value.
 *
 * `automationTasks.withIndex(by_status_created: status=?, createdAt>?).filter.order(desc)` is short, low in cardinality
 * and holds nothing of the user's, so it serves as fingerprint as it stands; hashing it would only hide it.
 */

/** How a query reads its table. */
export type Source =
  | { readonly kind: "table" }
  | { readonly kind: "index" | "search"; readonly name: string; readonly conditions: readonly string[] };

/** A query as far as it has been built. */
export interface QueryShape {
  readonly table: string;
  readonly source: Source;
  readonly isFiltered: boolean;
  readonly order: string | undefined;
}

/** A query of a whole table, as `db.query(table)` starts it. */
export function tableShape(table: string): QueryShape {
  return { table, source: { kind: "table" }, isFiltered: false, order: undefined };
}

/** The shape as text. */
export function fingerprintOf({ table, source, isFiltered, order }: QueryShape): string {
  const filter = isFiltered ? ".filter" : "";
  const sorted = order === undefined ? "" : `.order(${order})`;
  if (source.kind === "table") return `${table}${filter}${sorted}`;
  const conditions = source.conditions.length === 0 ? "" : `: ${source.conditions.join(", ")}`;
  return `${table}.${source.kind === "index" ? "withIndex" : "withSearchIndex"}(${source.name}${conditions})${filter}${sorted}`;
}

/**
 * Whether a query may read every document of its table: no condition of an index narrows it, and it either filters
 * document by document or collects all. Reading the first few of a table is fine.
 */
export function scansTable({ source, isFiltered }: QueryShape, isWholeResult: boolean): boolean {
  const isNarrowed = source.kind === "search" || (source.kind === "index" && source.conditions.length > 0);
  return !isNarrowed && (isFiltered || isWholeResult);
}

const OPERATORS: Readonly<Record<string, string>> = { Eq: "=", Gt: ">", Gte: ">=", Lt: "<", Lte: "<=", Search: "~" };

/**
 * The conditions of an index range or search filter, from the builder that the user's callback returned. The builders
 * of Convex keep them as `{ type, fieldPath, value }` (`convex/src/server/impl/index_range_builder_impl.ts`); their
 * `export()` may be called only once, by Convex itself, so the list is looked for and simply missing if it is not there.
 */
export function conditionsOf(builder: unknown): string[] {
  if (typeof builder !== "object" || builder === null) return [];
  const lists = Object.values(builder).filter((member): member is unknown[] => Array.isArray(member));
  return (lists[0] ?? []).map((condition) => {
    const { type, fieldPath } = Object(condition) as { readonly type?: unknown; readonly fieldPath?: unknown };
    return typeof fieldPath === "string" ? `${fieldPath}${OPERATORS[String(type)] ?? "?"}?` : "?";
  });
}
