/** The story of the demo, as text. */
import { type DecodedSpan, waterfall, type WaterfallOptions } from "convex-otel/testing";
import { type Finding, findings, tracedRequest } from "./findings.js";
import type { Phase } from "./incident.js";

export function report(phases: readonly Phase[], spans: readonly DecodedSpan[], options: WaterfallOptions): string {
  if (spans.length === 0) return `${phaseTable(phases)}\n\nThe spans were sent elsewhere: look for pulse-api there.`;
  const found = findings(spans);
  // Without a plan that tells of a scan, it is a request as slow as any.
  const heading = found.length === 0 ? "The slowest request:" : "A request with the slowest query, and its plan:";
  const says = found.length === 0 ? [] : ["What the traces say:", ...found.map(findingText)];
  return [phaseTable(phases), heading, waterfall(tracedRequest(spans), options), ...says, hitRatios(spans)].join(
    "\n\n",
  );
}

/** Half of the requests, and all but a hundredth of them, were answered within so many milliseconds. */
function phaseTable(phases: readonly Phase[]): string {
  const rows = phases.flatMap(({ title, measured }) =>
    [...measured].sort().map(([kind, { requests, p50, p99 }]) => [title, kind, String(requests), ms(p50), ms(p99)]),
  );
  return table([["", "endpoint", "requests", "p50", "p99"], ...rows]);
}

function findingText({ query, fingerprint, slow, slowestMs, sequentialScan }: Finding): string {
  return [
    `  ${query}`,
    `  fingerprint ${fingerprint}: slow ${slow}×, up to ${ms(slowestMs)}`,
    `  its plan reads a whole table; an index would serve ${sequentialScan}`,
  ].join("\n");
}

/** Look-ups of each cache, and the part that hit, beside the part that should. */
function hitRatios(spans: readonly DecodedSpan[]): string {
  const caches = new Map<string, { lookups: number; hits: number; target: string }>();
  for (const { attributes } of spans) {
    const { "cache.name": name, "cache.hit": hit } = attributes;
    if (typeof hit !== "boolean" || typeof name !== "string") continue;
    const cache = caches.get(name) ?? { lookups: 0, hits: 0, target: percent(attributes["cache.target_hit_ratio"]) };
    caches.set(name, { ...cache, lookups: cache.lookups + 1, hits: cache.hits + (hit ? 1 : 0) });
  }
  const rows = [...caches].map(([name, { lookups, hits, target }]) => {
    return [name, String(lookups), percent(hits / lookups), target];
  });
  return table([["cache", "look-ups", "hits", "target"], ...rows]);
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column < 1 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
        .join("  "),
    )
    .map((line) => `  ${line}`.trimEnd())
    .join("\n");
}

function percent(part: unknown): string {
  return typeof part === "number" ? `${Math.round(part * 100)} %` : "";
}

function ms(time: number): string {
  return `${time < 10 ? time.toFixed(1) : Math.round(time)} ms`;
}
