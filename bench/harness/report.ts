/** The result of the benchmark: rows with a budget, and the table they are printed in. */
import { estimate, type Estimate } from "./statistics.js";

/** One line of the table. */
export interface Row {
  readonly what: string;
  /** The measured ratio, or the one measurement of something that does not vary. */
  readonly ratio: Estimate;
  /** The largest ratio that is allowed; absent for a row that only informs. */
  readonly budget?: number | undefined;
  /** Times, sizes, or what the ratio is of. */
  readonly note: string;
}

/** A section of the table. */
export interface Section {
  readonly title: string;
  readonly rows: readonly Row[];
}

/** An interval wider than this share of the median says that the machine was busy. */
const NOISY_WIDTH = 0.2;

/** `OK` and `over` only where the whole interval is on that side of the budget. */
export function verdict({ ratio, budget }: Row): string {
  if (budget === undefined) return "";
  if (ratio.high <= budget) return "OK";
  return ratio.low > budget ? "over" : "unclear";
}

/** The table, as text. */
export function table(sections: readonly Section[]): string {
  const header = ["", "ratio", "95 % interval", "budget", "", ""];
  const lines = sections.map(({ rows }) => rows.map(cells));
  const widths = header.map((text, column) =>
    Math.max(text.length, ...lines.flat().map((line) => (line[column] ?? "").length)),
  );
  const write = (line: readonly string[]) =>
    line
      .map((text, column) =>
        column === 1 || column === 3 ? text.padStart(at(widths, column)) : text.padEnd(at(widths, column)),
      )
      .join("  ")
      .trimEnd();
  const body = sections.map(({ title }, index) => [`\n${title}`, ...at(lines, index).map(write)].join("\n"));
  return [write(header), ...body].join("\n");
}

function cells(row: Row): string[] {
  const { median, low, high } = row.ratio;
  const isNoisy = high - low > NOISY_WIDTH * median;
  const interval = low === high ? "" : `${number(low)} – ${number(high)}${isNoisy ? " (noisy)" : ""}`;
  const budget = row.budget === undefined ? "" : `≤ ${number(row.budget)}`;
  return [`  ${row.what}`, number(median), interval, budget, verdict(row), row.note];
}

function number(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(value < 0.1 ? 3 : 2);
}

/** A time with a unit that fits it. */
export function duration(milliseconds: readonly number[]): string {
  const { median } = estimate(milliseconds);
  return median >= 1
    ? `${median.toFixed(2)} ms`
    : median >= 0.001
      ? `${(median * 1e3).toFixed(2)} µs`
      : `${(median * 1e6).toFixed(0)} ns`;
}

/** Something that was counted, not timed. */
export function exactly(value: number): Estimate {
  return { median: value, low: value, high: value };
}

function at<T>(values: readonly T[], index: number): T {
  const value = values[index];
  if (value === undefined) throw new RangeError(`There is no column ${index}.`);
  return value;
}
