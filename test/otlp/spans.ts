/** Spans for the tests of this folder. */
import type { SpanRecord } from "../../src/core/types.js";

/** A plain span, changed as a test needs it. */
export function span(change: Partial<SpanRecord> = {}): SpanRecord {
  return {
    name: "mutation pipeline:executeTask",
    kind: "internal",
    traceId: "0af7651916cd43dd8448eb211c80319c",
    spanId: "b7ad6b7169203331",
    traceFlags: 3,
    parentIsRemote: false,
    startTime: 1_763_800_000_000.25,
    endTime: 1_763_800_000_012.5,
    attributes: {},
    events: [],
    links: [],
    status: { code: 0 },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    ...change,
  };
}

/** Spans with ids that differ. */
export function spans(count: number, change: Partial<SpanRecord> = {}): SpanRecord[] {
  return Array.from({ length: count }, (_, index) =>
    span({ spanId: (index + 1).toString(16).padStart(16, "0"), name: `span ${index}`, ...change }),
  );
}

export const resource = { attributes: { "service.name": "relayflow" } };
export const scope = { name: "convex-otel", version: "0.1.0" };
