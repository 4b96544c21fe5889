/** What the endpoints need of Postgres, whichever one it is. */

/** A value that is bound to `$1`, `$2`, … */
export type SqlValue = string | number | null;

/** One Postgres database. */
export interface Database {
  query<Row>(text: string, values?: readonly SqlValue[]): Promise<readonly Row[]>;
  close(): Promise<void>;
}
