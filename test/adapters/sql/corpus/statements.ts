/** Makes statements: queries with joins, subqueries and common table expressions, writes, definitions, calls. */
import type { SqlDialect } from "../../../../src/adapters/sql/index.js";
import type { Part, Statement } from "./nodes.js";
import type { Random } from "./random.js";

const TABLES = ["pets", "owners", "visits", "invoices", "tab2", "utf8mb4_stock", "c3po", "order_items"];
const COLUMNS = ["id", "name", "age", "city", "owner_id", "created_at", "state", "col1", "total2"];
const OPERATORS = ["=", "<>", "<", ">", "<=", ">="];
const JOINS = ["JOIN", "INNER JOIN", "LEFT JOIN", "RIGHT JOIN", "LEFT OUTER JOIN", "FULL JOIN"];

const QUOTES: Readonly<Record<SqlDialect, readonly (readonly [string, string])[]>> = {
  postgresql: [['"', '"']],
  mysql: [["`", "`"]],
  mariadb: [["`", "`"]],
  sqlite: [['"', '"'], ["`", "`"], ["[", "]"]], // prettier-ignore
  "microsoft.sql_server": [["[", "]"]],
  "oracle.db": [['"', '"']],
  other_sql: [["`", "`"]],
};

const literal: Part = { kind: "literal" };

/** Words of SQL, names as `:name` and symbols, separated by spaces. `?` is a literal, `0` a number. */
function sql(text: string): Part[] {
  return text
    .split(" ")
    .filter(Boolean)
    .map((piece) => {
      if (piece === "?") return literal;
      if (piece === "0") return { kind: "number" };
      if (piece.startsWith(":")) return { kind: "name", text: piece.slice(1) };
      return { kind: /^\w/.test(piece) ? "word" : "symbol", text: piece };
    });
}

/** Makes statements of one dialect. */
export class Statements {
  readonly #dialect: SqlDialect;
  readonly #random: Random;
  #summary: string[] = [];

  constructor(dialect: SqlDialect, random: Random) {
    this.#dialect = dialect;
    this.#random = random;
  }

  /** The next statement. */
  next(): Statement {
    this.#summary = [];
    const make = this.#random.pick([
      ...Array<() => Part[]>(6).fill(() => this.#query(2)),
      () => this.#withQuery(),
      () => this.#union(),
      () => this.#insert(),
      () => this.#insertSelect(),
      () => this.#update(),
      () => this.#delete(),
      () => this.#define(),
      () => this.#call(),
    ]);
    const parts = make();
    return { parts, summary: this.#summary.join(" ") };
  }

  #name(text: string): string {
    if (!this.#random.chance(0.15)) return text;
    const [open, close] = this.#random.pick(QUOTES[this.#dialect]);
    return `${open}${text}${close}`;
  }

  #column(tables: readonly string[]): Part {
    const column = this.#random.pick(COLUMNS);
    const isAlone = tables.length === 0 || (tables.length === 1 && this.#random.chance(0.6));
    if (isAlone) return { kind: "name", text: column };
    return { kind: "name", text: `${this.#random.pick(tables)}.${this.#name(column)}` };
  }

  #table(): Part {
    const text = this.#name(this.#random.pick(TABLES));
    this.#summary.push(text);
    return { kind: "name", text };
  }

  #query(depth: number): Part[] {
    this.#summary.push("SELECT");
    const random = this.#random;
    const aliases = ["p", "o", "v"].slice(0, 1 + random.below(3));
    const limit = this.#limit();
    const columns = this.#columns(aliases, depth);
    const parts = [
      ...sql("SELECT"),
      ...(random.chance(0.1) ? sql("DISTINCT") : []),
      ...limit.top,
      ...columns,
      ...sql("FROM"),
    ];
    aliases.forEach((alias, i) => {
      if (i > 0) parts.push(...sql(random.chance(0.15) ? "," : random.pick(JOINS)));
      const isJoin = parts.at(-1)?.kind === "word" && i > 0;
      parts.push(this.#table(), { kind: "name", text: alias });
      if (isJoin) parts.push(...sql(`ON :${alias}.id = :${aliases[0]!}.owner_id`));
    });
    if (random.chance(0.85)) parts.push(...sql("WHERE"), ...this.#conditions(aliases, depth));
    if (random.chance(0.2)) parts.push(...sql("GROUP BY"), this.#column(aliases), ...sql("HAVING COUNT ( * ) > 0"));
    if (random.chance(0.4)) parts.push(...sql("ORDER BY"), this.#column(aliases), ...sql(random.pick(["", "DESC"])));
    return [...parts, ...limit.end];
  }

  #limit(): { top: Part[]; end: Part[] } {
    if (!this.#random.chance(0.3)) return { top: [], end: [] };
    switch (this.#dialect) {
      case "microsoft.sql_server":
        return { top: sql("TOP 0"), end: [] };
      case "oracle.db":
        return { top: [], end: sql("FETCH FIRST 0 ROWS ONLY") };
      default:
        return { top: [], end: sql(this.#random.pick(["LIMIT 0", "LIMIT 0 OFFSET 0"])) };
    }
  }

  #columns(tables: readonly string[], depth: number): Part[] {
    const count = 1 + this.#random.below(4);
    const parts: Part[] = [];
    for (let i = 0; i < count; i++) {
      if (i > 0) parts.push(...sql(","));
      parts.push(...this.#expression(tables, depth));
    }
    return parts;
  }

  #expression(tables: readonly string[], depth: number): Part[] {
    const column = this.#column(tables);
    switch (this.#random.below(10)) {
      case 0:
        return [...sql("COALESCE ("), column, ...sql(", ? )")];
      case 1:
        return [...sql("CASE WHEN"), ...this.#condition(tables, 0), ...sql("THEN ? ELSE ? END")];
      case 2:
        return [...sql("COUNT ( * ) AS :total")];
      case 3:
        return depth > 0 ? [...sql("("), ...this.#scalar(), ...sql(")")] : [column];
      case 4:
        return [column, ...sql("+ ?")];
      default:
        return [column];
    }
  }

  #scalar(): Part[] {
    this.#summary.push("SELECT");
    const table = this.#table();
    return [...sql("SELECT MAX ("), this.#column(["x"]), ...sql(") FROM"), table, ...sql(":x WHERE :x.id = ?")];
  }

  #conditions(tables: readonly string[], depth: number): Part[] {
    const parts = this.#condition(tables, depth);
    for (let i = this.#random.below(3); i > 0; i--) {
      parts.push(...sql(this.#random.pick(["AND", "OR"])), ...this.#condition(tables, depth));
    }
    return parts;
  }

  #condition(tables: readonly string[], depth: number): Part[] {
    const column = this.#column(tables);
    switch (this.#random.below(depth > 0 ? 9 : 7)) {
      case 0:
        return [column, ...sql(this.#random.pick(["IN (", "NOT IN ("])), { kind: "in", item: [literal] }, ...sql(")")];
      case 1:
        return [column, ...sql("BETWEEN ? AND ?")];
      case 2:
        return [column, ...sql("LIKE ?")];
      case 3:
        return [column, ...sql(this.#random.pick(["IS NULL", "IS NOT NULL"]))];
      case 4:
        return [...sql("NOT ("), column, ...sql(this.#random.pick(OPERATORS)), literal, ...sql(")")];
      case 7:
        return [...sql("EXISTS ("), ...this.#query(0), ...sql(")")];
      case 8:
        return [column, ...sql("IN ("), ...this.#scalar(), ...sql(")")];
      default:
        return [column, ...sql(this.#random.pick(OPERATORS)), literal];
    }
  }

  #withQuery(): Part[] {
    const inner = this.#query(0);
    this.#summary.push("SELECT");
    return [...sql("WITH :recent AS ("), ...inner, ...sql(") SELECT :recent.id FROM :recent WHERE :recent.age > ?")];
  }

  #union(): Part[] {
    return [...this.#query(0), ...sql(this.#random.pick(["UNION", "UNION ALL"])), ...this.#query(0)];
  }

  #insertHead(): { head: Part[]; columns: number } {
    this.#summary.push("INSERT");
    const columns = 1 + this.#random.below(4);
    const names = COLUMNS.slice(0, columns).map((name) => `:${name}`);
    return { head: [...sql("INSERT INTO"), this.#table(), ...sql(`( ${names.join(" , ")} )`)], columns };
  }

  #insert(): Part[] {
    const { head, columns } = this.#insertHead();
    const item = sql(Array(columns).fill("?").join(" , "));
    return [...head, ...sql("VALUES"), { kind: "rows", item }];
  }

  #insertSelect(): Part[] {
    return [...this.#insertHead().head, ...this.#query(0)];
  }

  #update(): Part[] {
    this.#summary.push("UPDATE");
    const table = this.#table();
    const column = this.#random.pick(COLUMNS);
    const value = this.#random.pick(["?", `:${column} + ?`, `:${column} - ?`]);
    return [...sql("UPDATE"), table, ...sql(`SET :${column} = ${value} WHERE`), ...this.#conditions([], 1)];
  }

  #delete(): Part[] {
    this.#summary.push("DELETE");
    return [...sql("DELETE FROM"), this.#table(), ...sql("WHERE"), ...this.#conditions([], 1)];
  }

  #define(): Part[] {
    const operation = this.#random.pick(["CREATE TABLE", "DROP TABLE", "ALTER TABLE"]);
    this.#summary.push(operation);
    const table = this.#table();
    const rest = {
      "CREATE TABLE": "( :id int , :name varchar ( 0 ) DEFAULT ? )",
      "DROP TABLE": "",
      "ALTER TABLE": "ADD COLUMN :col1 varchar ( 0 )",
    }[operation];
    return [...sql(operation), table, ...sql(rest ?? "")];
  }

  #call(): Part[] {
    this.#summary.push("CALL adopt");
    return sql("CALL :adopt ( ? , ? )");
  }
}
