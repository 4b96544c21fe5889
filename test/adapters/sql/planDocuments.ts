/** Plans as servers wrote them down: what each of them says of the statement that it is of. */
import type { PlanFormat } from "../../../src/adapters/sql/plans/planFormat.js";
import { mariadbDocument } from "../../../src/adapters/sql/plans/mariadbDocument.js";
import { mysqlPlan } from "../../../src/adapters/sql/plans/mysqlPlan.js";
import { postgresPlan } from "../../../src/adapters/sql/plans/postgresPlan.js";
import { sqlitePlan } from "../../../src/adapters/sql/plans/sqlitePlan.js";
import type { SqlDialect } from "../../../src/adapters/sql/index.js";

/** A plan. */
export interface PlanDocument {
  readonly from: string;
  readonly dialect: SqlDialect;
  readonly format: PlanFormat;
  readonly sql: string;
  readonly returned: unknown;
  readonly scans: readonly string[] | undefined;
  readonly cost?: number;
  readonly rows?: number;
}

function mariadb(sql: string, block: object, scans?: readonly string[]): PlanDocument {
  // As MariaDB 10.11 writes it: literals as they are.
  const document = JSON.stringify({ query_block: block }, null, 2).replaceAll("\\\\", "\\").replaceAll('\\"', '"');
  return {
    from: "MariaDB 10.11",
    dialect: "mariadb",
    format: mysqlPlan,
    sql,
    returned: mariadbDocument(document),
    scans,
  };
}

function sqlite(version: string, sql: string, steps: readonly Step[], scans?: readonly string[]): PlanDocument {
  const returned = steps.map(([id, parent, detail]) => ({ id, parent, notused: 0, detail }));
  return { from: `SQLite ${version}`, dialect: "sqlite", format: sqlitePlan, sql, returned, scans };
}

type Step = readonly [id: number, parent: number, detail: string];

const mysql = { dialect: "mysql", format: mysqlPlan } as const;

/** Recorded from real servers, but for those of MySQL, which are from its manual and other documentation, as said there. */
export const DOCUMENTS: readonly PlanDocument[] = [
  {
    from: "PostgreSQL 15",
    dialect: "postgresql",
    format: postgresPlan,
    sql: "SELECT * FROM pets WHERE name = 'secret'",
    returned: [
      {
        Plan: {
          "Node Type": "Seq Scan",
          "Parallel Aware": false,
          "Relation Name": "pets",
          Alias: "pets",
          "Startup Cost": 0,
          "Total Cost": 25.88,
          "Plan Rows": 6,
          "Plan Width": 40,
          Filter: "(name = 'secret'::text)",
        },
      },
    ],
    scans: ["pets (name)"],
    cost: 25.88,
    rows: 6,
  },
  mariadb(
    "SELECT * FROM pets WHERE name = 'it\\'s \"secret' AND `odd col` > 5",
    {
      select_id: 1,
      nested_loop: [
        {
          table: {
            table_name: "pets",
            access_type: "ALL",
            rows: 500,
            filtered: 100,
            attached_condition: "pets.`name` = 'it\\'s \"secret' and pets.`odd col` > 5",
          },
        },
      ],
    },
    ['pets ("odd col", name)'],
  ),
  mariadb(
    "SELECT p.name FROM pets p JOIN owners o ON o.id = p.owner WHERE o.city = 'secret' ORDER BY p.name LIMIT 5",
    {
      select_id: 1,
      nested_loop: [
        {
          read_sorted_file: {
            filesort: {
              sort_key: "p.`name`",
              table: {
                table_name: "p",
                access_type: "ALL",
                rows: 500,
                filtered: 100,
                attached_condition: "p.`owner` is not null",
              },
            },
          },
        },
        {
          table: {
            table_name: "o",
            access_type: "eq_ref",
            possible_keys: ["PRIMARY"],
            key: "PRIMARY",
            key_length: "4",
            used_key_parts: ["id"],
            ref: ["test.p.owner"],
            rows: 1,
            filtered: 100,
            attached_condition: "o.city = 'secret' and o.since > '2020-01-02'",
          },
        },
      ],
    },
    ["pets (owner)"],
  ),
  mariadb(
    "SELECT * FROM pets p JOIN test.owners AS o ON o.city = p.name WHERE p.owner IN (1, 2, 3)",
    {
      select_id: 1,
      nested_loop: [
        { table: { table_name: "o", access_type: "ALL", rows: 50, filtered: 100 } },
        {
          "block-nl-join": {
            table: {
              table_name: "p",
              access_type: "ALL",
              rows: 500,
              filtered: 100,
              attached_condition: "p.`owner` in (1,2,3)",
            },
            buffer_type: "flat",
            buffer_size: "1KiB",
            join_type: "BNL",
            attached_condition: "p.`name` = o.city",
          },
        },
      ],
    },
    ["owners", "pets (name, owner)"],
  ),
  mariadb(
    "WITH r AS (SELECT owner, count(*) n FROM pets WHERE name LIKE 'secret%' GROUP BY owner) SELECT * FROM r x WHERE x.owner > 3",
    {
      select_id: 1,
      nested_loop: [
        {
          table: {
            table_name: "<derived2>",
            access_type: "ALL",
            rows: 500,
            filtered: 100,
            attached_condition: "x.`owner` > 3",
            materialized: {
              query_block: {
                select_id: 2,
                filesort: {
                  sort_key: "pets.`owner`",
                  temporary_table: {
                    nested_loop: [
                      {
                        table: {
                          table_name: "pets",
                          access_type: "ALL",
                          rows: 500,
                          filtered: 100,
                          attached_condition: "pets.`name` like 'secret%' and pets.`owner` > 3",
                        },
                      },
                    ],
                  },
                },
              },
            },
          },
        },
      ],
    },
    ["pets (name, owner)"],
  ),
  mariadb(
    "SELECT * FROM pets WHERE owner = (SELECT max(id) FROM owners WHERE city = 'secret') AND name > ''",
    {
      select_id: 1,
      nested_loop: [
        {
          table: {
            table_name: "pets",
            access_type: "ALL",
            rows: 500,
            filtered: 100,
            attached_condition: "pets.`owner` = (subquery#2) and pets.`name` > ''",
          },
        },
      ],
      subqueries: [
        {
          query_block: {
            select_id: 2,
            nested_loop: [
              {
                table: {
                  table_name: "owners",
                  access_type: "ALL",
                  rows: 50,
                  filtered: 100,
                  attached_condition: "owners.city = 'secret'",
                },
              },
            ],
          },
        },
      ],
    },
    ["pets (name, owner)", "owners (city)"],
  ),
  mariadb("SELECT 1", { select_id: 1, table: { message: "No tables used" } }),
  {
    ...mysql,
    from: "the manual of MySQL 9.5, first version of documents",
    sql: "SELECT Name FROM country WHERE Code LIKE 'A%'",
    returned: `{"query_block": {"select_id": 1, "cost_info": {"query_cost": "3.67"}, "table": {"table_name": "country",
      "access_type": "range", "possible_keys": ["PRIMARY"], "key": "PRIMARY", "used_key_parts": ["Code"], "key_length": "12",
      "rows_examined_per_scan": 17, "rows_produced_per_join": 17, "filtered": "100.00", "cost_info": {"read_cost": "1.97",
      "eval_cost": "1.70", "prefix_cost": "3.67", "data_read_per_join": "16K"}, "used_columns": ["Code", "Name"],
      "attached_condition": "(\`world\`.\`country\`.\`Code\` like 'A%')"}}}`,
    scans: undefined,
    cost: 3.67,
  },
  {
    ...mysql,
    from: "the manual of MySQL 9.5, second version",
    sql: "SELECT Name FROM country WHERE Code LIKE 'A%'",
    returned:
      `{"query": "/* select#1 */ select \`world\`.\`country\`.\`Name\` AS \`Name\` from \`world\`.\`country\` where
      (\`world\`.\`country\`.\`Code\` like 'A%')", "query_plan": {"inputs": [{"ranges": ["('A' <= Code <= 'A????????')"],
      "covering": false, "operation": "Index range scan on country using PRIMARY over ('A' <= Code <= 'A????????')",
      "index_name": "PRIMARY", "table_name": "country", "access_type": "index", "key_columns": ["Code"],
      "schema_name": "world", "used_columns": ["Code", "Name"], "estimated_rows": 17.0, "index_access_type":
      "index_range_scan", "estimated_total_cost": 3.668778400708174}], "condition": "(country.\`Code\` like 'A%')",
      "operation": "Filter: (country.\`Code\` like 'A%')", "access_type": "filter", "estimated_rows": 17.0,
      "filter_columns": ["world.country.\`Code\`"], "estimated_total_cost": 3.668778400708174},
      "query_type": "select", "json_schema_version": "2.0"}`.replaceAll(/\n\s*/g, " "),
    scans: undefined,
    cost: 3.668778400708174,
    rows: 17,
  },
  {
    ...mysql,
    from: "the form of MySQL 8, with the names of its sample database",
    sql: "SELECT * FROM Country c WHERE Code = (SELECT CountryCode FROM City WHERE name = 'secret') AND GNP > 7",
    returned: `{"query_block": {"select_id": 1, "cost_info": {"query_cost": "862.60"}, "table": {"table_name": "c",
      "access_type": "ALL", "rows_examined_per_scan": 239, "filtered": "10.00", "cost_info": {"data_read_per_join": "264"},
      "attached_condition": "((\`world\`.\`c\`.\`Code\` = (/* select#2 */ select \`world\`.\`City\`.\`CountryCode\` from \`world\`.\`City\` where (\`world\`.\`City\`.\`Name\` = 'secret'))) and (\`world\`.\`c\`.\`GNP\` > 7))",
      "attached_subqueries": [{"dependent": false, "cacheable": true, "query_block": {"select_id": 2, "table": {
      "table_name": "City", "access_type": "ALL", "rows_examined_per_scan": 4188, "filtered": "10.00",
      "attached_condition": "(\`world\`.\`City\`.\`Name\` = 'secret')"}}}]}}}`,
    scans: ["Country (Code, GNP)", "City (Name)"],
    cost: 862.6,
  },
  {
    ...mysql,
    from: "the form of MySQL 8: what is materialized is no table",
    sql: "SELECT * FROM (SELECT DISTINCT owner FROM pets) d JOIN (SELECT 1) e",
    returned: {
      query_block: {
        nested_loop: [
          {
            table: {
              table_name: "d",
              access_type: "ALL",
              materialized_from_subquery: {
                query_block: { table: { table_name: "pets", access_type: "ALL" } },
              },
            },
          },
          { table: { table_name: "e", access_type: "ALL", sharing_temporary_table_with: { select_id: 2 } } },
          { table: { table_name: "<union1,2>", access_type: "ALL" } },
        ],
      },
    },
    scans: ["pets"],
  },
  {
    ...mysql,
    from: "the form of MySQL 8.3, second version, without a plan around it",
    sql: "SELECT E.ename, D.dname FROM dept D, emp E WHERE E.deptno = D.deptno AND E.job = 'secret'",
    returned: {
      query: "/* select#1 */ select `E`.`ename` AS `ename` from `emp` `E` where (`E`.`job` = 'secret')",
      inputs: [
        {
          inputs: [
            {
              alias: "E",
              operation: "Table scan on E",
              table_name: "emp",
              access_type: "table",
              schema_name: "dept_emp",
              used_columns: ["ename", "job", "deptno"],
              estimated_rows: 14,
              estimated_total_cost: 2.4,
            },
          ],
          condition: "((E.job = 'secret') and (E.deptno is not null))",
          operation: "Filter: ((E.job = 'secret') and (E.deptno is not null))",
          access_type: "filter",
          estimated_rows: 1.4,
        },
        {
          alias: "D",
          index_name: "PRIMARY",
          table_name: "dept",
          access_type: "index",
          lookup_condition: "deptno=E.deptno",
        },
      ],
      operation: "Nested loop inner join",
      access_type: "join",
      estimated_rows: 1.4,
      estimated_total_cost: 2.89,
    },
    scans: ["emp (deptno, job)"],
    cost: 2.89,
    rows: 1.4,
  },
  sqlite(
    "3.53",
    "SELECT * FROM pets WHERE name = 'secret' AND [odd col] > 5",
    [[2, 0, "SCAN pets"]],
    ['pets ("odd col", name)'],
  ),
  sqlite(
    "3.53",
    "SELECT p.name FROM \"pets\" p JOIN owners o ON o.id = p.owner WHERE o.city > 'secret' ORDER BY p.name LIMIT 5",
    [
      [5, 0, "SCAN p"],
      [7, 0, "SEARCH o USING INTEGER PRIMARY KEY (rowid=?)"],
      [21, 0, "USE TEMP B-TREE FOR ORDER BY"],
    ],
    ["pets (owner)"],
  ),
  sqlite(
    "3.31",
    "SELECT p.name FROM pets AS p, main.owners AS o WHERE o.city || 1 = p.name",
    [
      [3, 0, "SCAN TABLE owners AS o"],
      [13, 0, "SEARCH TABLE pets AS p USING AUTOMATIC COVERING INDEX (name=?)"],
    ],
    ["owners (city)", "pets (name)"],
  ),
  sqlite(
    "3.53",
    "WITH r AS MATERIALIZED (SELECT owner, count(*) n FROM pets WHERE name LIKE 'secret%') SELECT * FROM r x JOIN r y ON x.n = y.n",
    [
      [3, 0, "MATERIALIZE r"],
      [10, 3, "SCAN pets"],
      [15, 3, "USE TEMP B-TREE FOR GROUP BY"],
      [56, 0, "SCAN x"],
      [62, 0, "BLOOM FILTER ON y (n=?)"],
      [72, 0, "SEARCH y USING AUTOMATIC COVERING INDEX (n=?)"],
    ],
    // Which of both tables an unqualified name is of only the schema says.
    ["pets"],
  ),
  sqlite(
    "3.53",
    "SELECT * FROM pets WHERE owner IN (SELECT id FROM owners WHERE city = 'secret')",
    [
      [2, 0, "SCAN pets"],
      [7, 0, "LIST SUBQUERY 1"],
      [10, 7, "SEARCH owners USING COVERING INDEX byc (city=?)"],
      [18, 7, "CREATE BLOOM FILTER"],
    ],
    ["pets"],
  ),
  sqlite("3.53", "SELECT city FROM owners", [[2, 0, "SCAN owners USING COVERING INDEX byc"]]),
  sqlite("3.53", "SELECT * FROM json_each('[1]') j, pets WHERE pets.id = j.value", [
    [3, 0, "SCAN j VIRTUAL TABLE INDEX 1:"],
    [8, 0, "SEARCH pets USING INTEGER PRIMARY KEY (rowid=?)"],
  ]),
  sqlite("3.53", "VALUES (1), (2)", [[7, 0, "SCAN 2-ROW VALUES CLAUSE"]]),
  sqlite("3.53", "SELECT 1", [[1, 0, "SCAN CONSTANT ROW"]]),
  sqlite("3.53", "WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 9) SELECT * FROM c", [
    [2, 0, "CO-ROUTINE c"],
    [5, 2, "SETUP"],
    [6, 5, "SCAN CONSTANT ROW"],
    [17, 2, "RECURSIVE STEP"],
    [18, 17, "SCAN c"],
    [28, 0, "SCAN c"],
  ]),
];
