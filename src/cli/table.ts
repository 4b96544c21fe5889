/** Aligns text in columns. */

/** The cells of one line. */
export type Row = readonly string[];

/** Rows as lines with aligned columns: the first to the left, numbers to the right. No trailing spaces. */
export function table(rows: readonly Row[], indent = ""): string {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  const line = (row: Row): string =>
    row.map((cell, at) => aligned(cell, widths[at] ?? 0, isNumeric(rows, at))).join("  ");
  return rows.map((row) => `${indent}${line(row)}`.trimEnd()).join("\n");
}

function aligned(cell: string, width: number, right: boolean): string {
  return right ? cell.padStart(width) : cell.padEnd(width);
}

// A column of numbers may have a title.
function isNumeric(rows: readonly Row[], at: number): boolean {
  const cells = rows.slice(1).map((row) => row[at] ?? "");
  return cells.length > 0 && cells.every((cell) => /^\d+$/.test(cell));
}
