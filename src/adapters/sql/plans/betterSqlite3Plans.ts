/**
 * Plans of SQLite in the process, on the connection that there is. `EXPLAIN QUERY PLAN` prepares a statement and runs nothing of it,
 * so that it changes nothing, in a transaction neither; one that fails ends no transaction. It is asked for when the program
 * has nothing else to do: behind the call that was slow, and behind the transaction or loop that the call was in.
 */
import { suppressTracing } from "../../../core/api.js";
import { hasMethod } from "../../../core/patchMethod.js";
import type { PlanSource } from "./slowPlans.js";
import { sqlitePlan } from "./sqlitePlan.js";

interface Database {
  readonly open?: unknown;
  prepare(sql: string): Statement;
}

interface Statement {
  safeIntegers(enabled: boolean): Statement;
  all(...values: readonly unknown[]): unknown;
}

/** Plans of a database of better-sqlite3. */
export function betterSqlite3Plans(db: object): PlanSource {
  const database = db as Database;
  return {
    format: sqlitePlan,
    isFree: () => database.open === true && hasMethod(db, "prepare"),
    async explain(sql, values) {
      await new Promise((resolve) => setTimeout(resolve));
      // better-sqlite3 runs no statement whose parameters have no values.
      return suppressTracing(() =>
        database
          .prepare(sql)
          .safeIntegers(false)
          .all(...(values as readonly unknown[])),
      );
    },
  };
}
