/** The figures of a run, as text. */
import { availableParallelism } from "node:os";
import type { Change } from "./figures/baseline.js";
import { compareVariants, METRICS, type Rounds } from "./figures/metrics.js";
import { median } from "./figures/percentiles.js";
import type { Ratio } from "./figures/ratio.js";
import type { Measured, SpanCount } from "./measure.js";
import { ENDPOINTS } from "./requestPlan.js";
import type { Round } from "./round.js";
import { type Variant, VARIANT_NAMES } from "./variants.js";

const PAIRS: readonly (readonly [Variant, Variant])[] = [
  ["plain again", "plain"],
  ["convex-otel", "plain"],
  ["auto-instrumentations-node", "plain"],
  ["convex-otel", "auto-instrumentations-node"],
];

export function report({ rounds, spans }: Measured): string {
  return [
    ...VARIANT_NAMES.map((variant) => absolutes(variant, rounds[variant])),
    ...PAIRS.map((pair) => ratios(rounds, ...pair)),
    ["Spans", ...[...spans].flatMap(([variant, count]) => spanLines(variant, count))].join("\n"),
    `Generator, servers, Postgres, Redis and Jaeger shared ${availableParallelism()} cores: what one of them takes, the others lack. ` +
      "So the ratio of answers a second is nearer to 1 than where a server has its machine for itself; that of the server's processor time is not.",
  ].join("\n\n");
}

/** Medians over all rounds; times are of this machine in this minute. */
function absolutes(variant: Variant, rounds: readonly Round[]): string {
  const over = (of: (round: Round) => number): number => median(rounds.map(of));
  const errors = rounds.reduce((sum, { load }) => sum + load.errors, 0);
  const requests = rounds.reduce((sum, { load }) => sum + load.requests, 0);
  const others = (["generator", "Postgres", "Redis", "Jaeger"] as const)
    .map((name) => `${name} ${over(({ otherCpuMs }) => otherCpuMs[name]).toFixed(3)}`)
    .join(", ");
  return [
    `${variant}: ${over(({ load }) => load.perSecond).toFixed(0)} answers a second; ${errors} errors in ${requests} requests`,
    ...ENDPOINTS.map((kind) => {
      const time = (name: "p50" | "p95" | "p99"): string =>
        `${name} ${over(({ load }) => load.endpoints[kind][name])
          .toFixed(1)
          .padStart(6)}`;
      return `  ${kind.padEnd(10)} ${time("p50")}  ${time("p95")}  ${time("p99")} ms`;
    }),
    `  processor time of a request, ms: server ${over(({ serverCpuMs }) => serverCpuMs).toFixed(3)}, ${others}`,
  ].join("\n");
}

function ratios(rounds: Rounds, ours: Variant, theirs: Variant): string {
  const lines = METRICS.map((metric) => {
    return `  ${metric.name.padEnd(38)} ${interval(compareVariants(rounds, metric, ours, theirs))}`;
  });
  return [`${ours} / ${theirs}`, ...lines].join("\n");
}

function interval({ ratio, low, high }: Ratio): string {
  return `${ratio.toFixed(3)}  (${low.toFixed(3)} – ${high.toFixed(3)})`;
}

function spanLines(variant: Variant, { expected, stored, names, ofHit }: SpanCount): readonly string[] {
  const share = ((stored / expected) * 100).toFixed(2);
  const sizes = Object.entries(ofHit).map(([kind, size]) => `${kind} ${size}`);
  const counted = new Map<string, number>();
  for (const name of names) counted.set(name, (counted.get(name) ?? 0) + 1);
  const listed = [...counted].map(([name, count]) => (count === 1 ? name : `${name} (${count})`));
  return [
    `  ${variant}: ${stored} stored by Jaeger of ${expected} expected (${share} %)`,
    `    of a request that hit the cache: ${sizes.join(", ")}; of a search that did not: ${names.length}: ${listed.join(", ")}`,
  ];
}

export function reportChanges(changes: readonly Change[]): string {
  const lines = changes.map(({ metric, before, now, worseBy, allowed, verdict }) => {
    const by = worseBy < 1 ? `better by ${(1 / worseBy).toFixed(3)}` : `worse by ${worseBy.toFixed(3)}`;
    return `  ${metric.padEnd(38)} ${now.ratio.toFixed(3)}, was ${before.ratio.toFixed(3)}: ${by}, noise ${allowed.toFixed(3)}: ${verdict}`;
  });
  return ["convex-otel / plain, against the baseline", ...lines].join("\n");
}
