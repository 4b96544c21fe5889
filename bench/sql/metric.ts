/** What the scorer prints: a figure, what it has to be, and what would be better still. */

/** A figure and its targets. */
export interface Metric {
  readonly what: string;
  readonly value: number;
  /** What has to be reached; absent for a figure that only informs. */
  readonly bar?: Target;
  readonly stretch?: Target;
  /** How to print the figure. @defaultValue the number */
  readonly format?: (value: number) => string;
  /** What it was measured on. */
  readonly note?: string;
}

/** At least, or at most, a number. */
export type Target = { readonly atLeast: number } | { readonly atMost: number };

/** A share as percent, never rounded up to 100. */
export function percent(value: number): string {
  return `${(Math.floor(value * 100_000) / 1000).toFixed(value === 1 ? 0 : 2)} %`;
}

export const factor = (value: number): string => `${value.toFixed(2)} x`;
export const milliseconds = (value: number): string => `${value.toFixed(2)} ms`;

/** The table, a line for each metric. */
export function table(metrics: readonly Metric[]): string {
  const lines = metrics.map((metric) => {
    const write = metric.format ?? String;
    return [
      metric.what,
      write(metric.value),
      target(metric.bar, write),
      target(metric.stretch, write),
      verdict(metric),
      metric.note ?? "",
    ];
  });
  const header = ["metric", "value", "bar", "stretch", "", ""];
  const widths = header.map((text, column) => Math.max(text.length, ...lines.map((line) => line[column]?.length ?? 0)));
  return [header, ...lines]
    .map((line) =>
      line
        .map((text, column) => text.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** Whether every bar is reached. */
export function isGood(metrics: readonly Metric[]): boolean {
  return metrics.every(({ value, bar }) => bar === undefined || isReached(value, bar));
}

function verdict({ value, bar, stretch }: Metric): string {
  if (bar === undefined) return "";
  if (!isReached(value, bar)) return "MISSED";
  return stretch === undefined || isReached(value, stretch) ? "OK" : "bar only";
}

function isReached(value: number, by: Target): boolean {
  return "atLeast" in by ? value >= by.atLeast : value <= by.atMost;
}

function target(by: Target | undefined, write: (value: number) => string): string {
  if (by === undefined) return "";
  return "atLeast" in by ? `>= ${write(by.atLeast)}` : `<= ${write(by.atMost)}`;
}
