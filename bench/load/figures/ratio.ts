/**
 * How many times one variant's figure is another's. Both are measured in each round, one soon after the other, so what disturbed
 * the machine for longer than a round is in both and cancels. How far to trust the ratio comes from resampling the rounds, which
 * assumes nothing about their distribution.
 */
import { fakeRandom } from "../../../src/testing/index.js";
import { median, percentile } from "./percentiles.js";

/** A ratio, and the interval that holds the true one with 95 % confidence. */
export interface Ratio {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

const RESAMPLES = 2_000;

/** The same figures give the same interval. */
const SEED = 7;

/** The median of the ratios of all rounds, with its interval (percentile bootstrap). */
export function ratioOf(ours: readonly number[], theirs: readonly number[]): Ratio {
  if (ours.length !== theirs.length || ours.length === 0)
    throw new RangeError("Each round needs a figure of both sides.");
  const ratios = ours.map((value, round) => value / (theirs[round] ?? Number.NaN));
  const resampled = Array.from({ length: RESAMPLES }, resampler(ratios)).sort((a, b) => a - b);
  return { ratio: median(ratios), low: percentile(resampled, 0.025), high: percentile(resampled, 0.975) };
}

/** Gives the median of as many values, drawn with repetition. */
function resampler(values: readonly number[]): () => number {
  const random = fakeRandom(SEED);
  const draw = (): number => values[Math.floor((random.uint32() / 2 ** 32) * values.length)] ?? Number.NaN;
  return () => median(values.map(draw));
}
