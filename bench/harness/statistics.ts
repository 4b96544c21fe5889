/**
 * What is said about a series of measurements: its median, and how far to trust it. Nothing here assumes a normal
 * distribution, since timings on a shared machine have a long tail on one side.
 */

/** A median, and the interval that holds the true one with 95 % confidence. */
export interface Estimate {
  readonly median: number;
  readonly low: number;
  readonly high: number;
}

/** Two-sided 95 % quantile of the normal distribution, for the ranks that bound a median. */
const Z_95 = 1.96;

/** The median with its interval by order statistics (binomial ranks in their normal approximation). */
export function estimate(samples: readonly number[]): Estimate {
  const sorted = [...samples].sort((a, b) => a - b);
  const reach = (Z_95 * Math.sqrt(sorted.length)) / 2;
  const middle = (sorted.length - 1) / 2;
  return {
    median: (at(sorted, Math.floor(middle)) + at(sorted, Math.ceil(middle))) / 2,
    low: at(sorted, Math.floor(middle - reach)),
    high: at(sorted, Math.ceil(middle + reach)),
  };
}

/** Ratio of two series, round by round: what disturbed both sides of a round cancels. */
export function ratios(ours: readonly number[], theirs: readonly number[]): number[] {
  return ours.map((value, round) => value / at(theirs, round));
}

/** Difference of two series, round by round. */
export function differences(a: readonly number[], b: readonly number[]): number[] {
  return a.map((value, round) => value - at(b, round));
}

function at(values: readonly number[], index: number): number {
  const value = values[Math.min(Math.max(index, 0), values.length - 1)];
  if (value === undefined) throw new RangeError("There are no measurements.");
  return value;
}
