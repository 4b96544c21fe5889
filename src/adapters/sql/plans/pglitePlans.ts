/**
 * Plans of a PGlite, which has one connection: they are asked for between two calls, and never while a transaction may be open,
 * since an `EXPLAIN` that fails would undo it.
 */
import { suppressTracing } from "../../../core/api.js";
import { hasMethod } from "../../../core/patchMethod.js";
import { fingerprintSql } from "../fingerprintSql.js";
import { postgresPlan } from "./postgresPlan.js";
import type { PlanSource } from "./slowPlans.js";

interface Pglite {
  query(sql: string, values?: unknown): Promise<{ readonly rows?: readonly object[] }>;
}

/** What begins and ends a transaction. `transaction()` needs no such care: other calls wait for its end. */
const BEGINS = /^\s*(?:BEGIN|START\s+TRANSACTION)\b/i;
const ENDS = /^\s*(?:COMMIT|END|ABORT|ROLLBACK)\b(?!.*\b(?:TO|CHAIN)\b)/i;

/** Most statements hold none of these words, and need not be read. */
const MAY_MATTER = /BEGIN|START|COMMIT|END|ABORT|ROLLBACK/i;

/** Plans of a database, which is to be told each statement of it. */
export interface PglitePlans extends PlanSource {
  note(sql: unknown): void;
}

/** Plans of a database. */
export function pglitePlans(db: object): PglitePlans {
  let isMaybeOpen = false;
  return {
    format: postgresPlan,
    note(sql) {
      if (typeof sql !== "string" || !MAY_MATTER.test(sql)) return;
      // Without literals and comments, so that what is left between semicolons are statements.
      for (const statement of fingerprintSql(sql, { dialect: "postgresql" }).text.split(";")) {
        if (BEGINS.test(statement)) isMaybeOpen = true;
        else if (ENDS.test(statement)) isMaybeOpen = false;
      }
    },
    isFree: () => !isMaybeOpen && hasMethod(db, "query"),
    async explain(sql, values) {
      const { rows } = await suppressTracing(() => (db as Pglite).query(sql, values));
      return Object.values(rows?.[0] ?? {})[0] as unknown;
    },
  };
}
