/** What Postgres returned: of one statement, or a list of several. */

interface ResultLike {
  readonly rows?: unknown;
  /** The columns; none for statements that return no rows. */
  readonly fields?: unknown;
}

/** How many rows came back; undefined if the statements return none by their nature. */
export function returnedRows(result: unknown): number | undefined {
  let count: number | undefined;
  for (const each of Array.isArray(result) ? (result as readonly unknown[]) : [result]) {
    const { rows, fields } = (each ?? {}) as ResultLike;
    if (Array.isArray(fields) && fields.length > 0 && Array.isArray(rows)) count = (count ?? 0) + rows.length;
  }
  return count;
}
