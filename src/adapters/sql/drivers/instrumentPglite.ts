/** `instrumentPglite`: Postgres in the process. */
import { observe } from "../../../core/observe.js";
import { hasMethod, type Original, patchMethod, patchRecorded } from "../../../core/patchMethod.js";
import { recordedSpan } from "../../../core/recordedSpan.js";
import type { Span } from "../../../core/types.js";
import { pglitePlans } from "../plans/pglitePlans.js";
import { slowPlans } from "../plans/slowPlans.js";
import { type InstrumentSqlOptions, resolveSql } from "./options.js";
import { templateText } from "./pgliteTemplate.js";
import { returnedRows } from "./postgresResult.js";
import { startQuery, type Statement } from "./querySpan.js";
import { type SqlClient, sqlClient } from "./sqlClient.js";
import { claim } from "./state.js";

/** The part of a PGlite that is used. */
export interface PgliteLike {
  query(...args: never[]): unknown;
  exec(...args: never[]): unknown;
}

const WHERE = "instrumentPglite";

/**
 * Instruments a database of PGlite (`@electric-sql/pglite`): what `query`, `exec` and `sql` run, also in `transaction()`,
 * becomes CLIENT spans as those of {@link instrumentPg}. They are recorded below spans only; results and errors stay the same.
 * Plans of slow queries are taken outside of transactions: what is asked meanwhile waits for it, which is a few milliseconds.
 *
 * @returns what was given.
 * @throws TypeError if it is no such database, or an option is wrong.
 * @example
 * ```ts
 * import { instrumentPglite, type PgliteLike } from "convex-otel/sql";
 *
 * declare const db: PgliteLike; // await PGlite.create()
 * instrumentPglite(db);
 * ```
 */
export function instrumentPglite<Database extends PgliteLike>(
  db: Database,
  options: InstrumentSqlOptions = {},
): Database {
  if (typeof db !== "object" || db === null || !hasMethod(db, "query") || !hasMethod(db, "exec")) {
    throw new TypeError(`${WHERE}: give a database of PGlite (@electric-sql/pglite).`);
  }
  const config = resolveSql(WHERE, options);
  const source = pglitePlans(db);
  const plans = slowPlans(WHERE, options.slowQueryPlans, source);
  const client = sqlClient(config, "postgresql", { plans });
  if (!claim(db)) {
    const message = "The database is instrumented already; the options of the first call hold.";
    config.report({ level: "warn", code: "sql.instrumented_twice", message });
    return db;
  }
  const noted = (send: Original, statement: Statement): unknown => {
    if (client.plans !== undefined) source.note(statement.sql);
    const asking = recordedSpan();
    return asking === undefined ? send() : run(asking, client, send, statement);
  };
  patchMethod(db, "query", (send, [sql, values]) => noted(send, { sql, values }));
  patchMethod(db, "exec", (send, [sql]) => noted(send, { sql }));
  patchMethod(db, "transaction", (start, [body, ...rest]) => {
    if (typeof body !== "function") return start();
    return start([
      (tx: object) => Reflect.apply(body, undefined, [instrumentTransaction(tx, client)]) as unknown,
      ...rest,
    ]);
  });
  return db;
}

function run(asking: Span, client: SqlClient, send: Original, statement: Statement): unknown {
  const query = startQuery(asking, client, statement);
  return observe(send, (outcome) => {
    query.end(outcome, "value" in outcome ? returnedRows(outcome.value) : undefined);
  });
}

/** The object is made for one transaction, so that it can be changed. Its `sql` is not made of its `query`, as that of a database is. */
function instrumentTransaction(tx: object, client: SqlClient): object {
  patchRecorded(tx, "query", (asking, send, [sql, values]) => run(asking, client, send, { sql, values, plan: "no" }));
  patchRecorded(tx, "exec", (asking, send, [sql]) => run(asking, client, send, { sql, plan: "no" }));
  patchRecorded(tx, "sql", (asking, send, [strings, ...values]) => {
    return run(asking, client, send, { sql: templateText(strings, values), plan: "no" });
  });
  return tx;
}
