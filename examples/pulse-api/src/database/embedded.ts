/** Postgres inside this process (PGlite), in memory: nothing to install, one query at a time. */
import { PGlite } from "@electric-sql/pglite";
import type { Database } from "./database.js";

/** @param prepare - gets the database before it is used, and returns what is used */
export async function openEmbedded(prepare: (database: PGlite) => PGlite): Promise<Database> {
  const pglite = prepare(await PGlite.create());
  return {
    query: async <Row>(text: string, values: readonly unknown[] = []) =>
      (await pglite.query<Row>(text, [...values])).rows,
    close: async () => await pglite.close(),
  };
}
