/**
 * Plans of SQLite: the rows of `EXPLAIN QUERY PLAN`, which say in words what is read and how, and no conditions. Its words
 * changed with SQLite 3.36: `SCAN TABLE pets AS p` became `SCAN p`.
 */
import type { Plan, PlanFormat, TableScan } from "./planFormat.js";
import { isNode, type PlanNode, withoutLiterals } from "./planTree.js";
import { statementParts, type StatementParts, written } from "./statementParts.js";

/** Plans of SQLite. */
export const sqlitePlan: PlanFormat = {
  prefix: "EXPLAIN QUERY PLAN",
  read(returned, { known, fingerprint }): Plan | undefined {
    const rows = Array.isArray(returned) ? (returned as readonly unknown[]).filter(isRow) : [];
    if (rows.length === 0) return undefined;
    const root = withoutLiterals({ plans: nested(rows) }, new Set(), fingerprint);
    return { root, scans: fullScans(rows, statementParts(known.text)) };
  },
};

/** A step of a plan; numbers are arbitrary, but tell which step is part of which. */
interface Row {
  readonly id: number;
  readonly parent: number;
  readonly detail: string;
}

function isRow(row: unknown): row is Row {
  if (!isNode(row)) return false;
  const { id, parent, detail } = row;
  return typeof id === "number" && typeof parent === "number" && typeof detail === "string";
}

/** The steps in those that they are part of. SQLite lists a step before its parts. */
function nested(rows: readonly Row[]): readonly PlanNode[] {
  const top: PlanNode[] = [];
  const lists = new Map<number, PlanNode[]>();
  for (const { id, parent, detail } of rows) {
    const plans: PlanNode[] = [];
    (lists.get(parent) ?? top).push({ detail, plans });
    lists.set(id, plans);
  }
  return top;
}

/** A table from end to end. With an index, it is the index that is read. */
const SCAN = /^SCAN (?:TABLE )?(.+?)(?: AS (.+))?$/;
const NO_TABLE = / (?:USING|VIRTUAL TABLE) |^SCAN (?:SUBQUERY |\(|\d+-ROW |(?:\d+ )?CONSTANT ROWS?$)/;

/** A table that is read from end to end first, to make the index that it lacks. */
const UNINDEXED = /^SEARCH (.+) USING AUTOMATIC (?:PARTIAL )?COVERING INDEX .*$/;

/** What is made of other tables before it is read: a common table expression, a derived table, a view. */
const MADE = /^(?:MATERIALIZE|CO-ROUTINE) (.+)$/;

function fullScans(rows: readonly Row[], parts: StatementParts): readonly TableScan[] {
  const made = new Set(rows.flatMap(({ detail }) => MADE.exec(detail)?.[1]?.toLowerCase() ?? []));
  return rows.flatMap(({ detail: step }) => {
    const detail = step.replace(UNINDEXED, "SCAN $1");
    const [, name, alias = name] = NO_TABLE.test(detail) ? [] : (SCAN.exec(detail) ?? []);
    if (name === undefined || alias === undefined) return [];
    const table = parts.tables.get(name.toLowerCase()) ?? name;
    if (made.has(table.toLowerCase()) || made.has(alias.toLowerCase())) return [];
    return [{ table, columns: columnsOf(table, alias, parts) }];
  });
}

/** Columns of its conditions. Those without the name of a table are its own if there is no other. */
function columnsOf(table: string, alias: string, { tables, filtered }: StatementParts): readonly string[] {
  const isOnly = [...tables.values()].every((each) => each?.toLowerCase() === table.toLowerCase());
  const own = filtered.filter(({ of }) => {
    return of === undefined ? isOnly : of === alias.toLowerCase() || of === table.toLowerCase();
  });
  return [...new Set(own.map(({ column }) => written(column)))].sort();
}
