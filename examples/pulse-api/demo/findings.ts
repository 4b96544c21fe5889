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

/** All spans of the request whose query is the first finding: the one that was explained. Without findings, of the slowest. */
export function tracedRequest(spans: readonly DecodedSpan[]): readonly DecodedSpan[] {
  const [worst] = findings(spans);
  const span = worst === undefined ? slowest(spans.filter(({ kind }) => kind === "server")) : explained(worst, spans);
  return spans.filter(({ traceId }) => traceId === span?.traceId);
}

function explained({ fingerprint }: Finding, spans: readonly DecodedSpan[]): DecodedSpan | undefined {
  return spans.find(
    ({ attributes }) =>
      attributes["convex.db.query.plan.seq_scan"] !== undefined &&
      attributes["convex.db.query.fingerprint"] === fingerprint,
  );
}

function slowest(spans: readonly DecodedSpan[]): DecodedSpan | undefined {
  return [...spans].sort((a, b) => durationMs(b) - durationMs(a))[0];
}

function durationMs({ startTime, endTime }: DecodedSpan): number {
  return endTime - startTime;
}
