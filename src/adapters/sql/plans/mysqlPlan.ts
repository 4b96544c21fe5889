/**
 * Plans of MySQL and MariaDB: `EXPLAIN FORMAT=JSON`. There are three kinds of documents: MySQL's from 5.6 on, MariaDB's, which
 * is much like it, and MySQL's second version (`explain_json_format_version=2`, the default from 9.5 on).
 */
import type { Plan, PlanFormat, TableScan } from "./planFormat.js";
import { isNode, numberOf, parsedDocument, type PlanNode, type PlanValue, withoutLiterals } from "./planTree.js";
import { columnNames, statementParts, type StatementParts, written } from "./statementParts.js";

/** Members whose text is a word of the server, a name of the schema, or an estimate. */
const NAMES = new Set([
  ...[
    "access_type",
    "index_access_type",
    "join_type",
    "join_algorithm",
    "query_type",
    "using_join_buffer",
    "buffer_type",
  ],
  ...["table_name", "alias", "schema_name", "index_name", "key", "possible_keys", "partitions", "ref"],
  ...["used_key_parts", "key_columns", "used_columns", "key_length", "json_schema_version"],
  ...[
    "filtered",
    "query_cost",
    "read_cost",
    "eval_cost",
    "prefix_cost",
    "sort_cost",
    "data_read_per_join",
    "buffer_size",
  ],
]);

/** Conditions that a server checks for each row, of the second version last. */
const CONDITIONS = ["attached_condition", "condition", "hash_condition"];

/** Plans of MySQL and MariaDB. */
export const mysqlPlan: PlanFormat = {
  prefix: "EXPLAIN FORMAT=JSON",
  read(returned, { known, fingerprint }): Plan | undefined {
    const found = rootOf(parsedDocument(returned));
    if (found === undefined) return undefined;
    const root = withoutLiterals(found, NAMES, fingerprint);
    const cost = isNode(root["cost_info"]) ? root["cost_info"]["query_cost"] : undefined;
    return {
      root,
      scans: scansIn(root, [], statementParts(known.text)),
      cost: numberOf(cost ?? root["cost"] ?? root["estimated_total_cost"]),
      rows: numberOf(root["estimated_rows"]),
    };
  },
};

function rootOf(document: unknown): PlanNode | undefined {
  if (!isNode(document)) return undefined;
  for (const root of [document["query_block"], document["query_plan"]]) if (isNode(root)) return root;
  return typeof document["operation"] === "string" ? document : undefined;
}

/** Scans of a part of a plan, with the conditions that the parts around it check: those of a join are on the join. */
function scansIn(value: PlanValue | undefined, around: readonly string[], parts: StatementParts): readonly TableScan[] {
  if (Array.isArray(value)) return (value as readonly PlanValue[]).flatMap((item) => scansIn(item, around, parts));
  if (!isNode(value)) return [];
  const conditions = [...around, ...CONDITIONS.flatMap((name) => textsOf(value[name]))];
  const below = Object.entries(value).flatMap(([name, member]) => {
    // What is checked around a subquery is not checked in it.
    return scansIn(member, name === "query_block" ? [] : conditions, parts);
  });
  return [...fullScan(value, conditions, parts), ...below];
}

function textsOf(value: PlanValue | undefined): readonly string[] {
  return [value].flat().filter((text) => typeof text === "string");
}

/** Members of what is no table of the schema: the rows of a derived table or of a common table expression. */
const MADE = ["materialized_from_subquery", "sharing_temporary_table_with", "materialized"];

function fullScan(node: PlanNode, conditions: readonly string[], { tables }: StatementParts): readonly TableScan[] {
  const { table_name: name, alias = name, access_type: type } = node;
  if ((type !== "ALL" && type !== "table") || typeof name !== "string" || typeof alias !== "string") return [];
  // `<derived2>`, `<union1,2>`.
  if (name.startsWith("<") || MADE.some((member) => node[member] !== undefined)) return [];
  const table = alias === name ? (tables.get(name.toLowerCase()) ?? name) : name;
  return [{ table, columns: columnsOf(alias, conditions) }];
}

/** The columns of a table, each once, in the order of their names. Servers qualify all of them: `` `db`.`p`.`name` ``, `p.name`. */
function columnsOf(alias: string, conditions: readonly string[]): readonly string[] {
  const columns = conditions.flatMap(columnNames).filter(({ of }) => of === alias.toLowerCase());
  return [...new Set(columns.map(({ column }) => written(column)))].sort();
}
