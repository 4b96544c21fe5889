/** One `EXPLAIN` on a connection of mysql2: in a transaction that may not write, and for a second at most. */
import type { Members } from "../../../core/patchMethod.js";
import { mysqlSystem } from "../drivers/mysqlTarget.js";
import { mariadbDocument } from "./mariadbDocument.js";

/** How a statement was sent: with values that mysql2 writes into it, or as a prepared one. */
export interface MysqlValues {
  readonly method: "query" | "execute";
  readonly values: unknown;
  readonly namedPlaceholders: unknown;
}

type Answer = (thrown: unknown, result?: never) => void;

/** A connection of mysql2, the one with callbacks. */
export interface MysqlConnection {
  readonly config?: Members;
  query(options: object, answer: Answer): unknown;
  execute(options: object, answer: Answer): unknown;
  unprepare?(options: object): unknown;
  destroy(): void;
}

/** Settings of a session that are changed for the time of an `EXPLAIN`, as they were before. */
export interface MysqlSettings {
  readonly lock_wait_timeout: number;
  readonly max_execution_time?: number;
  /** The same of MariaDB, in seconds. */
  readonly max_statement_time?: number;
}

/** Planning waits for who changes the table, for a year if nobody says otherwise, and may run cheap subqueries. */
const LIMITS = { lock_wait_timeout: 1, max_execution_time: 1000, max_statement_time: 1 };

/** A flag in what a server answers. */
const IN_TRANSACTION = 1;

/**
 * Reads the settings.
 *
 * @throws TypeError if the connection is in a transaction, which a new one would commit
 */
export async function settingsOf(connection: MysqlConnection): Promise<MysqlSettings> {
  const { serverStatus } = (await ask(connection, "DO 0")) as { readonly serverStatus?: unknown };
  if ((Number(serverStatus) & IN_TRANSACTION) !== 0) throw new TypeError("the connection is in a transaction");
  // Which of both it is the server said when it was connected to.
  const limit = mysqlSystem(connection) === "mariadb" ? "max_statement_time" : "max_execution_time";
  const [wait, time] = await firstRow(connection, `SELECT @@SESSION.lock_wait_timeout, @@SESSION.${limit}`);
  return { lock_wait_timeout: Number(wait), [limit]: Number(time) };
}

/** Asks for the plan. Functions that write fail in such a transaction: servers run some of them to plan. */
export async function explainWithin(
  settings: MysqlSettings,
  connection: MysqlConnection,
  sql: string,
  { method, values, namedPlaceholders }: MysqlValues,
): Promise<unknown> {
  await set(connection, settings, (name) => LIMITS[name]);
  await ask(connection, "START TRANSACTION READ ONLY");
  const options = { ...PLAIN, sql, values, namedPlaceholders };
  const [document] = await (method === "query" ? firstRow(connection, options) : firstPreparedRow(connection, options));
  return mysqlSystem(connection) === "mariadb" ? mariadbDocument(document) : document;
}

/** Whether the connection is as it was. One that was lost cannot be. */
export async function isRestored(settings: MysqlSettings, connection: MysqlConnection): Promise<boolean> {
  try {
    await ask(connection, "ROLLBACK");
    await set(connection, settings, (name) => settings[name]);
    return true;
  } catch {
    return false;
  }
}

/** What calls back, as a promise. */
export function answered<T>(call: (answer: (thrown: unknown, result?: T) => void) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    call((thrown, result) => {
      if (thrown !== null && thrown !== undefined) reject(new Error("mysql2 failed", { cause: thrown }));
      else resolve(result as T);
    });
  });
}

/** Whatever the connection is configured to make of rows. */
const PLAIN = { rowsAsArray: true, nestTables: false, typeCast: true };

async function ask(connection: MysqlConnection, statement: string | object): Promise<unknown> {
  const options = typeof statement === "string" ? { ...PLAIN, sql: statement } : statement;
  return await answered((answer) => connection.query(options, answer));
}

async function firstRow(connection: MysqlConnection, statement: string | object): Promise<readonly unknown[]> {
  const rows = (await ask(connection, statement)) as readonly (readonly unknown[])[];
  return rows[0] ?? [];
}

async function firstPreparedRow(connection: MysqlConnection, options: object): Promise<readonly unknown[]> {
  try {
    const rows = await answered<readonly (readonly unknown[])[]>((answer) => connection.execute(options, answer));
    return rows[0] ?? [];
  } finally {
    // Connections keep statements by their text; this one will not come again soon.
    connection.unprepare?.(options);
  }
}

async function set(
  connection: MysqlConnection,
  settings: MysqlSettings,
  valueOf: (name: keyof MysqlSettings) => number | undefined,
): Promise<void> {
  const names = Object.keys(settings) as (keyof MysqlSettings)[];
  await ask(connection, `SET ${names.map((name) => `SESSION ${name} = ${String(valueOf(name))}`).join(", ")}`);
}
