/** What the traces say about the incident: nothing here knows what went wrong, or asks anything but the spans. */
import type { DecodedSpan } from "convex-otel/testing";

/** A query that reads a table from beginning to end. */
export interface Finding {
  readonly query: string;
  readonly fingerprint: string;
  /** How many traced queries of this shape took longer than the threshold. */
  readonly slow: number;
  readonly slowestMs: number;
  /** The table, and the columns that it is filtered by: `listings (material)`. */
  readonly sequentialScan: string;
}

/** Queries whose plans have a sequential scan, the slowest first. */
export function findings(spans: readonly DecodedSpan[]): readonly Finding[] {
  const slow = spans.filter(({ attributes }) => attributes["convex.db.query.slow"] === true);
  return spans
    .flatMap(({ attributes }) => {
      const scans = attributes["convex.db.query.plan.seq_scan"];
      const fingerprint = attributes["convex.db.query.fingerprint"];
      if (scans === undefined || typeof fingerprint !== "string") return [];
      const queries = slow.filter((query) => query.attributes["convex.db.query.fingerprint"] === fingerprint);
      return {
        query: String(queries[0]?.attributes["db.query.text"]).trim(),
        fingerprint,
        slow: queries.length,
        slowestMs: Math.max(...queries.map(durationMs)),
        sequentialScan: String(scans),
      };
    })
    .sort((a, b) => b.slowestMs - a.slowestMs);
}

/** All spans of the request with the slowest of the queries that the findings are about, or of the slowest request. */
export function slowestTrace(spans: readonly DecodedSpan[]): readonly DecodedSpan[] {
  const [worst] = findings(spans);
  const candidates = spans.filter(({ kind, attributes }) =>
    worst === undefined ? kind === "server" : attributes["convex.db.query.slow"] === true && isOf(worst, attributes),
  );
  const [slowest] = candidates.sort((a, b) => durationMs(b) - durationMs(a));
  return spans.filter(({ traceId }) => traceId === slowest?.traceId);
}

function isOf({ fingerprint }: Finding, attributes: DecodedSpan["attributes"]): boolean {
  return attributes["convex.db.query.fingerprint"] === fingerprint;
}

function durationMs({ startTime, endTime }: DecodedSpan): number {
  return endTime - startTime;
}
