/** The usual comparison: one operation of ours against one of theirs. */
import { type Duration, interleave, repeated } from "./interleave.js";
import { duration, type Row } from "./report.js";
import { estimate, ratios } from "./statistics.js";

/** Two operations that do the same, and what their ratio may be. */
export interface Comparison {
  readonly what: string;
  readonly ours: () => unknown;
  readonly theirs: () => unknown;
  readonly budget: number;
  /** How many units of work one operation is, for the times in the note. @defaultValue 1 */
  readonly units?: number;
}

/** Measures a {@link Comparison}. */
export async function compare({ what, ours, theirs, budget, units = 1 }: Comparison, time: Duration): Promise<Row> {
  const times = await interleave({ ours: repeated(ours), theirs: repeated(theirs) }, time);
  const per = (series: readonly number[]) => duration(series.map((value) => value / units));
  return {
    what,
    ratio: estimate(ratios(times.ours, times.theirs)),
    budget,
    note: `${per(times.ours)} / ${per(times.theirs)}`,
  };
}
