/** A Postgres server, through a pool of connections. */
import pg from "pg";
import type { Database } from "./database.js";

/** Connections of the pool. A server of two cores gains nothing from more. */
const POOL_SIZE = 20;

/** @param prepare - gets the pool before it is used, and returns what is used */
export function openServer(url: string, prepare: (pool: pg.Pool) => pg.Pool): Database {
  const pool = new pg.Pool({ connectionString: url, max: POOL_SIZE });
  // A connection that breaks while it is idle is replaced by the pool.
  pool.on("error", () => undefined);
  const tracedPool = prepare(pool);
  return {
    query: async <Row>(text: string, values: readonly unknown[] = []) =>
      (await tracedPool.query(text, [...values])).rows as readonly Row[],
    close: async () => await pool.end(),
  };
}
