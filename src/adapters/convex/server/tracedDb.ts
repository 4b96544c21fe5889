/**
 * `ctx.db` of a mutation, traced. A proxy in front of Convex's own object: members that are not known here, of this
 * version or a later one, work as they are.
 */
import type { DbSpans } from "./dbSpans.js";
import { tracedQuery } from "./tracedQuery.js";
import { tableShape } from "./queryShape.js";

type Method = (...args: unknown[]) => unknown;

/** Writes and reads of single documents. Each takes `(table, id, …)` or, in its older form, `(id, …)`. */
const DOCUMENT_METHODS: Readonly<Record<string, { readonly argumentsAfterId: number }>> = {
  get: { argumentsAfterId: 0 },
  patch: { argumentsAfterId: 1 },
  replace: { argumentsAfterId: 1 },
  delete: { argumentsAfterId: 0 },
};

/** Wraps a database reader or writer. */
export function tracedDb<Db extends object>(db: Db, spans: DbSpans): Db {
  // By the member that was wrapped: who replaces a method of `ctx.db` must get the new one.
  const wrapped = new Map<unknown, unknown>();
  return new Proxy(db, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (!wrapped.has(member)) wrapped.set(member, wrapMember(target, name, member, spans));
      return wrapped.get(member);
    },
  });
}

function wrapMember(db: object, name: PropertyKey, member: unknown, spans: DbSpans): unknown {
  if (name === "system" && typeof member === "object" && member !== null) return tracedDb(member, spans);
  if (typeof member !== "function") return member;
  const method: Method = (...args) => Reflect.apply(member, db, args);
  if (name === "query") return (table: unknown, ...more: unknown[]) => startQuery(method(table, ...more), table, spans);
  if (name === "insert") return tracedInsert(method, spans);
  if (name === "table")
    return (table: unknown, ...more: unknown[]) => tracedTable(method(table, ...more), table, spans);
  return typeof name === "string" && Object.hasOwn(DOCUMENT_METHODS, name)
    ? tracedDocument(name, method, spans)
    : member;
}

function startQuery(query: unknown, table: unknown, spans: DbSpans): unknown {
  return typeof query === "object" && query !== null ? tracedQuery(query, tableShape(String(table)), spans) : query;
}

function tracedInsert(insert: Method, spans: DbSpans): Method {
  return (table, ...more) => {
    const operation = { name: "insert", table: typeof table === "string" ? table : undefined };
    return spans.trace(operation, () => insert(table, ...more), countGot("insert"));
  };
}

function tracedDocument(name: string, method: Method, spans: DbSpans): Method {
  return (...args) => {
    const withTable = args.length > 1 + (DOCUMENT_METHODS[name]?.argumentsAfterId ?? 0);
    const table = withTable && typeof args[0] === "string" ? args[0] : undefined;
    return spans.trace({ name, table }, () => method(...args), countGot(name));
  };
}

/** `db.table(name)`: the same operations, with the table given before. */
function tracedTable(reader: unknown, table: unknown, spans: DbSpans): unknown {
  if (typeof reader !== "object" || reader === null) return reader;
  const name = String(table);
  return new Proxy(reader, {
    get(target, member) {
      const value: unknown = Reflect.get(target, member, target);
      if (typeof value !== "function" || typeof member !== "string") return value;
      const method: Method = (...args) => Reflect.apply(value, target, args);
      if (member === "query") return () => startQuery(method(), name, spans);
      if (member !== "insert" && !Object.hasOwn(DOCUMENT_METHODS, member)) return value;
      const operation = { name: member, table: name };
      return (...args: unknown[]) => spans.trace(operation, () => method(...args), countGot(member));
    },
  });
}

/** `get` returns a document or `null`; what the others return are no documents. */
function countGot(operation: string): (result: unknown) => number | undefined {
  return (result) => (operation !== "get" ? undefined : result === null ? 0 : 1);
}
