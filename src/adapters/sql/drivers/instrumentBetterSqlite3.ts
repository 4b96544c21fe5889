/** `instrumentBetterSqlite3`: SQLite in the process, where every call is over when it returns. */
import { observe } from "../../../core/observe.js";
import { hasMethod, type Members, type Original, patchMethod, patchRecorded } from "../../../core/patchMethod.js";
import type { Span } from "../../../core/types.js";
import { betterSqlite3Plans } from "../plans/betterSqlite3Plans.js";
import { slowPlans } from "../plans/slowPlans.js";
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
 * Plans of slow queries are those of `EXPLAIN QUERY PLAN`, which is asked for when the program is idle.
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
  const plans = slowPlans(WHERE, options.slowQueryPlans, betterSqlite3Plans(db));
  if (!claim(db)) {
    const message = "The database is instrumented already; the options of the first call hold.";
    config.report({ level: "warn", code: "sql.instrumented_twice", message });
    return db;
  }
  const client = sqlClient(config, "sqlite", { target: { namespace: fileName((db as Members)["name"]) }, plans });
  patchRecorded(db, "exec", (asking, exec, [sql]) => {
    return run(startQuery(asking, client, { sql, plan: "no" }), exec, () => undefined);
  });
  const patchStatement = statementPatch(client);
  patchMethod(db, "prepare", (prepare) => {
    const prepared = prepare();
    if (typeof prepared === "object" && prepared !== null) patchStatement(prepared);
    return prepared;
  });
  return db;
}

/** Folders say where a program is installed; that is not asked for. */
function fileName(path: unknown): string | undefined {
  return typeof path === "string" && path !== "" ? path.replace(/^.*[/\\]/, "") : undefined;
}

/**
 * Lets prepared statements inherit from an object of ours, which inherits from their class. There is one for each database: four
 * methods for each statement would cost more than preparing it.
 */
function statementPatch(client: SqlClient): (prepared: object) => void {
  let base: unknown;
  let own: object | undefined;
  return (prepared) => {
    const found: unknown = Reflect.getPrototypeOf(prepared);
    if (own === undefined || found !== base) {
      base = found;
      own = patchedStatements(found as object | null, client);
    }
    Reflect.setPrototypeOf(prepared, own);
  };
}

/** The text of a statement is its `source`. */
function patchedStatements(base: object | null, client: SqlClient): object {
  const own = Object.create(base) as object;
  const bound = client.plans === undefined ? undefined : boundValues(own);
  const start = (asking: Span, args: readonly unknown[], prepared: unknown): RunningQuery => {
    const values = args.length === 0 ? (bound?.get(prepared as object) ?? args) : args;
    return startQuery(asking, client, { sql: (prepared as { readonly source?: unknown }).source, values });
  };
  const patch = (method: string, rows: Rows): void => {
    patchRecorded(own, method, (asking, send, args, prepared) => run(start(asking, args, prepared), send, rows));
  };
  patch("run", () => undefined);
  patch("get", (row) => (row === undefined ? 0 : 1));
  patch("all", (rows) => (Array.isArray(rows) ? rows.length : undefined));
  patchRecorded(own, "iterate", (asking, send, args, prepared) => {
    const query = start(asking, args, prepared);
    return observe(send, (outcome) => {
      if ("thrown" in outcome) query.end(outcome);
      else watchIterator(query, outcome.value as object);
    });
  });
  return own;
}

/** Values that are bound to a statement for good, which its calls do not say. */
function boundValues(own: object): WeakMap<object, readonly unknown[]> {
  const bound = new WeakMap<object, readonly unknown[]>();
  patchMethod(own, "bind", (bind, args, prepared) => {
    const result = bind();
    bound.set(prepared as object, args);
    return result;
  });
  return bound;
}

type Rows = (result: unknown) => number | undefined;

function run(query: RunningQuery, send: Original, rows: Rows): unknown {
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
