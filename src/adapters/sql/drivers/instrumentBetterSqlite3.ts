/** `instrumentBetterSqlite3`: SQLite in the process, where every call is over when it returns. */
import { observe } from "../../../core/observe.js";
import { hasMethod, type Members, type Original, patchMethod, patchRecorded } from "../../../core/patchMethod.js";
import type { Span } from "../../../core/types.js";
import { type InstrumentSqlOptions, resolveSql } from "./options.js";
import { type RunningQuery, startQuery } from "./querySpan.js";
import { type SqlClient, sqlClient } from "./sqlClient.js";
import { claim } from "./state.js";

/** The part of a database of better-sqlite3 that is used. */
export interface BetterSqlite3Like {
  prepare(...args: never[]): object;
  exec(...args: never[]): unknown;
}

const WHERE = "instrumentBetterSqlite3";

/**
 * Instruments a database of better-sqlite3: `exec`, and `run`, `get`, `all` and `iterate` of statements that are prepared from now
 * on, become CLIENT spans as those of {@link instrumentPg}. `transaction()` works as before; its BEGIN and COMMIT are not seen.
 *
 * @returns what was given.
 * @throws TypeError if it is no such database, or an option is wrong.
 * @example
 * ```ts
 * import { type BetterSqlite3Like, instrumentBetterSqlite3 } from "convex-otel/sql";
 *
 * declare const db: BetterSqlite3Like; // new Database("pets.db")
 * instrumentBetterSqlite3(db);
 * ```
 */
export function instrumentBetterSqlite3<Database extends BetterSqlite3Like>(
  db: Database,
  options: InstrumentSqlOptions = {},
): Database {
  if (typeof db !== "object" || db === null || !hasMethod(db, "prepare") || !hasMethod(db, "exec")) {
    throw new TypeError(`${WHERE}: give a database of better-sqlite3.`);
  }
  const config = resolveSql(WHERE, options);
  if (!claim(db)) {
    const message = "The database is instrumented already; the options of the first call hold.";
    config.report({ level: "warn", code: "sql.instrumented_twice", message });
    return db;
  }
  const client = sqlClient(config, "sqlite", { namespace: fileName((db as Members)["name"]) });
  patchRecorded(db, "exec", (asking, exec, [sql]) => run(asking, client, sql, exec, () => undefined));
  patchMethod(db, "prepare", (prepare, [sql]) => {
    const statement = prepare();
    if (typeof statement === "object" && statement !== null) patchStatement(statement, sql, client);
    return statement;
  });
  return db;
}

/** Folders say where a program is installed; that is not asked for. */
function fileName(path: unknown): string | undefined {
  return typeof path === "string" && path !== "" ? path.replace(/^.*[/\\]/, "") : undefined;
}

function patchStatement(statement: object, sql: unknown, client: SqlClient): void {
  const patch = (method: string, rows: Rows): void => {
    patchRecorded(statement, method, (asking, send) => run(asking, client, sql, send, rows));
  };
  patch("run", () => undefined);
  patch("get", (row) => (row === undefined ? 0 : 1));
  patch("all", (rows) => (Array.isArray(rows) ? rows.length : undefined));
  patchRecorded(statement, "iterate", (asking, send) => {
    const query = startQuery(asking, client, { sql, plan: "no" });
    return observe(send, (outcome) => {
      if ("thrown" in outcome) query.end(outcome);
      else watchIterator(query, outcome.value as object);
    });
  });
}

type Rows = (result: unknown) => number | undefined;

function run(asking: Span, client: SqlClient, sql: unknown, send: Original, rows: Rows): unknown {
  const query = startQuery(asking, client, { sql, plan: "no" });
  return observe(send, (outcome) => query.end(outcome, "value" in outcome ? rows(outcome.value) : undefined));
}

/** Ends the span when the rows are read, or nobody wants more of them. */
function watchIterator(query: RunningQuery, iterator: object): void {
  let rows = 0;
  patchMethod(iterator, "next", (next) => {
    return observe(next, (outcome) => {
      if ("thrown" in outcome) query.end(outcome);
      else if ((outcome.value as IteratorResult<unknown>).done === true) query.end(outcome, rows);
      else rows += 1;
    });
  });
  patchMethod(iterator, "return", (stop) => observe(stop, (outcome) => query.end(outcome, rows)));
}
