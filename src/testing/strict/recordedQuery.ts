/** What queries read: the ranges of indexes behind the syscalls `1.0/queryStream` and `1.0/queryPage`. */
import { jsonToConvex, type Value } from "convex/values";

import type { DeployedCode } from "./deployedCode.js";
import type { Json } from "./documentImages.js";
import type { StrictBound, StrictDocument, StrictIndexKey, StrictRead } from "./readWriteSets.js";

/** A query, as `src/server/impl/query_impl.ts` of the npm package `convex` sends it. */
export interface SerializedQuery {
  readonly source:
    | { readonly type: "FullTableScan"; readonly tableName: string; readonly order: Order | null }
    | {
        readonly type: "IndexRange";
        readonly indexName: string;
        readonly range: readonly SerializedBound[];
        readonly order: Order | null;
      }
    | { readonly type: "Search"; readonly indexName: string };
  readonly operators: readonly ({ readonly limit: number } | { readonly filter: unknown })[];
}

type Order = "asc" | "desc";

interface SerializedBound {
  readonly type: "Eq" | "Gt" | "Gte" | "Lt" | "Lte";
  readonly fieldPath: string;
  readonly value: Json;
}

/** A read that goes on. */
export type RunningRead = { -readonly [Member in keyof StrictRead]: StrictRead[Member] };

/** All that a query can read. How far it goes is yet to be seen. */
export function readOf({ source }: SerializedQuery, code: DeployedCode): RunningRead {
  const whole = {
    componentPath: code.componentPath,
    bounds: [],
    order: "asc",
    after: undefined,
    upTo: undefined,
  } as const;
  if (source.type === "FullTableScan") {
    const { tableName: table, order } = source;
    const index = "by_creation_time";
    return { ...whole, table, index, fields: indexFields(code, table, index), order: order ?? "asc" };
  }
  const [table = "", index = ""] = source.indexName.split(".");
  if (source.type === "Search") return { ...whole, table, index, fields: [] };
  const bounds = source.range.map(bound);
  return { ...whole, table, index, fields: indexFields(code, table, index), order: source.order ?? "asc", bounds };
}

/** A read of one document. */
export function readOfDocument(code: DeployedCode, table: string, id: string): StrictRead {
  const query = {
    source: { type: "IndexRange", indexName: `${table}.by_id`, range: [], order: null },
    operators: [],
  } as const;
  return { ...readOf(query, code), bounds: [{ field: "_id", comparison: "eq", value: id }] };
}

/** A read of all documents of a table. */
export function readOfTable(code: DeployedCode, tableName: string): StrictRead {
  return readOf({ source: { type: "FullTableScan", tableName, order: null }, operators: [] }, code);
}

/** The table of a document. Its id tells it, in convex-test. */
export function tableOf(id: string): string {
  return id.replace(/^\d+/, "");
}

/** The key of a document in the index of a read. */
export function keyOf({ fields }: StrictRead, document: StrictDocument): StrictIndexKey {
  return fields.map((field) => valueAt(document, field));
}

/** What is in a field, by its path. */
export function valueAt(document: StrictDocument, path: string): Value | undefined {
  let value: unknown = document;
  for (const name of path.split(".")) {
    value =
      typeof value === "object" && value !== null && Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined;
  }
  return value as Value | undefined;
}

/** How many documents a query takes at most. */
export function limitOf({ operators }: SerializedQuery): number {
  return Math.min(...operators.map((operator) => ("limit" in operator ? operator.limit : Infinity)));
}

/** The key in a cursor of convex-test. Undefined for those that name an end of the range. */
export function keyInCursor(cursor: string | null | undefined): StrictIndexKey | undefined {
  if (!cursor?.startsWith("[")) return undefined;
  const parts = JSON.parse(cursor) as readonly (string | null)[];
  return parts.map((part) => (part === null ? undefined : jsonToConvex(JSON.parse(part) as Json)));
}

const SYSTEM_INDEXES: Readonly<Record<string, readonly string[]>> = {
  by_id: ["_id"],
  by_creation_time: ["_creationTime", "_id"],
};

function indexFields({ schema }: DeployedCode, table: string, index: string): readonly string[] {
  const system = SYSTEM_INDEXES[index];
  if (system !== undefined) return system;
  const known = schema?.tables[table]?.[" indexes"]().find(({ indexDescriptor }) => indexDescriptor === index);
  // convex-test refuses the query then.
  if (known === undefined) return ["_creationTime", "_id"];
  return [...known.fields, "_creationTime", "_id"];
}

const COMPARISONS = { Eq: "eq", Gt: "gt", Gte: "gte", Lt: "lt", Lte: "lte" } as const;

function bound({ type, fieldPath, value }: SerializedBound): StrictBound {
  return { field: fieldPath, comparison: COMPARISONS[type], value: valueOf(value) };
}

/** A value, or none: `convexOrUndefinedToJson` in `src/values/value.ts` of the npm package `convex`. */
export function valueOf(json: Json): Value | undefined {
  return typeof json === "object" && json !== null && "$undefined" in json ? undefined : jsonToConvex(json);
}
