/** The figures that variants are compared by, each a ratio to the plain API. */
import type { Round } from "../round.js";
import type { Variant } from "../variants.js";
import { type Ratio, ratioOf } from "./ratio.js";

/** A figure of a round. */
export interface Metric {
  readonly name: string;
  readonly better: "more" | "less";
  readonly of: (round: Round) => number;
}

export const METRICS: readonly Metric[] = [
  { name: "answers a second", better: "more", of: ({ load }) => load.perSecond },
  { name: "server's processor time of a request", better: "less", of: ({ serverCpuMs }) => serverCpuMs },
  { name: "p50 of search", better: "less", of: ({ load }) => load.endpoints.search.p50 },
  { name: "p99 of search", better: "less", of: ({ load }) => load.endpoints.search.p99 },
  { name: "p99 of detail", better: "less", of: ({ load }) => load.endpoints.detail.p99 },
  { name: "p99 of aggregate", better: "less", of: ({ load }) => load.endpoints.aggregate.p99 },
];

/** All rounds, variant by variant. */
export type Rounds = Readonly<Record<Variant, readonly Round[]>>;

/** How many times `theirs` a metric of `ours` is. */
export function compareVariants(rounds: Rounds, metric: Metric, ours: Variant, theirs: Variant): Ratio {
  return ratioOf(rounds[ours].map(metric.of), rounds[theirs].map(metric.of));
}
