/** Percentiles of times. */

/**
 * The smallest of the values that at least `part` of them do not exceed (nearest rank).
 *
 * @param sorted - in ascending order
 * @param part - from 0 to 1
 * @returns NaN of no values
 */
export function percentile(sorted: readonly number[], part: number): number {
  const rank = Math.max(1, Math.ceil(part * sorted.length));
  return sorted[rank - 1] ?? Number.NaN;
}

/** The middle one, or the mean of the two in the middle. NaN of no values. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(middle)] ?? Number.NaN) + (sorted[Math.ceil(middle)] ?? Number.NaN)) / 2;
}
