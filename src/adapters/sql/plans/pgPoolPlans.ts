/** Plans of Postgres on a connection of a pool of node-postgres that nobody else needs at the moment. */
import { suppressTracing } from "../../../core/api.js";
import { postgresPlan } from "./postgresPlan.js";
import type { PlanSource } from "./slowPlans.js";

/** A connection of node-postgres. */
export interface PgConnection {
  query(config: object | string): Promise<{ readonly rows?: readonly object[] }>;
}

interface PgPoolConnection extends PgConnection {
  release(destroy?: boolean): void;
}

/** The part of a pool that is used. */
interface PgPoolState {
  readonly totalCount?: unknown;
  readonly idleCount?: unknown;
  readonly waitingCount?: unknown;
  readonly ending?: unknown;
  readonly options?: { readonly max?: unknown };
  connect?: () => Promise<PgPoolConnection>;
}

/** Milliseconds that Postgres may take, locks included: planning waits for who changes the table. */
const TIMEOUT_MS = 1000;

/** Plans on connections of a pool. */
export function pgPoolPlans(pool: object): PlanSource {
  const state = pool as PgPoolState;
  return {
    format: postgresPlan,
    isFree() {
      if (state.ending === true || Number(state.waitingCount) > 0) return false;
      return Number(state.idleCount) > 0 || Number(state.totalCount) < Number(state.options?.max);
    },
    async explain(sql, values) {
      const connection = await state.connect?.();
      if (connection === undefined) return undefined;
      try {
        return await suppressTracing(() => explainOn(connection, sql, values));
      } finally {
        connection.release(!(await suppressTracing(() => isRolledBack(connection))));
      }
    },
  };
}

/** In a transaction that may not write: the planner runs immutable functions to know their value. */
export async function explainOn(connection: PgConnection, sql: string, values: unknown): Promise<unknown> {
  await connection.query(`BEGIN READ ONLY; SET LOCAL statement_timeout = ${TIMEOUT_MS}`);
  // The extended protocol takes one statement only, whatever the text may hold.
  const { rows } = await connection.query({ text: sql, values, queryMode: "extended" });
  return Object.values(rows?.[0] ?? {})[0] as unknown;
}

/** Whether the connection is as it was. A failed statement ends with its transaction; a lost connection cannot. */
async function isRolledBack(connection: PgConnection): Promise<boolean> {
  try {
    await connection.query("ROLLBACK");
    return true;
  } catch {
    return false;
  }
}
