/**
 * The baseline: ratios that a run measured and that are kept with the code, with the noise of that run. Times in milliseconds would
 * say which machine it was.
 */
import { z } from "zod";
import type { Metric, Rounds } from "./metrics.js";
import { compareVariants } from "./metrics.js";
import type { Ratio } from "./ratio.js";

const entrySchema = z.object({
  /** `convex-otel` to `plain`. */
  ratio: z.number().positive(),
  /** By what factor two ratios of the same code may differ, from one run to another. */
  noise: z.number().min(1),
});

export const baselineSchema = z.object({
  generator: z.enum(["k6", "autocannon"]),
  connections: z.number(),
  rows: z.number(),
  rounds: z.number(),
  secondsOfRound: z.number(),
  node: z.string(),
  metrics: z.record(z.string(), entrySchema),
});

/** Ratios of a run. */
export type Baseline = z.infer<typeof baselineSchema>;

/** A ratio with its noise. */
export type BaselineEntry = z.infer<typeof entrySchema>;

/** What became of a metric. */
export interface Change {
  readonly metric: string;
  readonly before: BaselineEntry;
  readonly now: BaselineEntry;
  /** By what factor it is worse than it was; below 1 where it is better. */
  readonly worseBy: number;
  /** What the noise of both runs explains. */
  readonly allowed: number;
  readonly verdict: "regression" | "within noise" | "improvement";
}

/** The entries of a run. */
export function measureEntries(rounds: Rounds, metrics: readonly Metric[]): Record<string, BaselineEntry> {
  return Object.fromEntries(
    metrics.map((metric) => {
      const ratio = compareVariants(rounds, metric, "convex-otel", "plain");
      const control = compareVariants(rounds, metric, "plain again", "plain");
      return [metric.name, { ratio: rounded(ratio.ratio), noise: rounded(noiseOf(ratio, control)) }];
    }),
  );
}

/**
 * How far a ratio can be trusted: its own interval, or how far two servers with the same code were from each other if that
 * is more, since the same code runs at another speed in another process.
 */
export function noiseOf({ ratio, low, high }: Ratio, control: Ratio): number {
  return Math.max(high / ratio, ratio / low, control.high, 1 / control.low);
}

/** Decides, metric by metric. A metric that only one of both has is left out: it is new, or gone. */
export function compareBaselines(
  before: Readonly<Record<string, BaselineEntry>>,
  now: Readonly<Record<string, BaselineEntry>>,
  metrics: readonly Pick<Metric, "name" | "better">[],
): readonly Change[] {
  return metrics.flatMap(({ name, better }) => {
    const [was, is] = [before[name], now[name]];
    if (was === undefined || is === undefined) return [];
    const worseBy = better === "more" ? was.ratio / is.ratio : is.ratio / was.ratio;
    const allowed = was.noise * is.noise;
    return [{ metric: name, before: was, now: is, worseBy, allowed, verdict: verdictOf(worseBy, allowed) }];
  });
}

function verdictOf(worseBy: number, allowed: number): Change["verdict"] {
  if (worseBy > allowed) return "regression";
  return worseBy < 1 / allowed ? "improvement" : "within noise";
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
