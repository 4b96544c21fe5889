/** Spans of tests: small, and each with a name and ids of its own. */
import type { SpanRecord } from "../../src/index.js";

export function aSpan(number: number, name = `span ${number}`): SpanRecord {
  return {
    traceId: (number + 1).toString(16).padStart(32, "0"),
    spanId: (number + 1).toString(16).padStart(16, "0"),
    traceFlags: 1,
    name,
    kind: "internal",
    startTime: 1_750_000_000_000,
    endTime: 1_750_000_000_001,
    attributes: { "test.number": number },
    events: [],
    links: [],
    status: { code: 0 },
    parentIsRemote: false,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}
