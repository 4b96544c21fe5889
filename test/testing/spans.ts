/**
 * Spans for the tests of the test kit, written as indented text: the way to state a tree must not be the code under test.
 */
import type { SpanKind, SpanRecord } from "../../src/core/types.js";

export const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
/** 2023-11-14T22:13:20Z */
export const START = 1_700_000_000_000;

/** A span with every field filled in. */
export function aSpan(fields: Partial<SpanRecord> = {}): SpanRecord {
  const startTime = fields.startTime ?? START;
  return {
    name: "span",
    kind: "internal",
    traceId: TRACE,
    spanId: "00f067aa0ba902b7",
    traceFlags: 1,
    parentIsRemote: false,
    startTime,
    endTime: startTime,
    attributes: {},
    events: [],
    links: [],
    status: { code: 0 },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    ...fields,
  };
}

/** Span ids by number: 1 is `0000000000000001`. */
export function spanId(number: number): string {
  return number.toString(16).padStart(16, "0");
}

const KINDS: Readonly<Record<string, SpanKind>> = { S: "server", C: "client", P: "producer", Q: "consumer" };

/**
 * Reads lines of `name | kind | start | duration | error.type | http status`, children indented by two spaces. Kinds:
 * S server, C client, P producer, Q consumer, nothing internal. Times in milliseconds after {@link START}.
 */
export function spansOf(text: string, traceId: string = TRACE): SpanRecord[] {
  const path: SpanRecord[] = [];
  return text
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line, index) => {
      const depth = (line.length - line.trimStart().length) / 2;
      const parent = path[depth - 1];
      const span = spanOf(line, traceId, spanId(index + 1), parent);
      path.splice(depth, path.length, span);
      return span;
    });
}

function spanOf(line: string, traceId: string, id: string, parent: SpanRecord | undefined): SpanRecord {
  const [name = "", kind = "", start = "0", duration = "0", error = "", http = ""] = line
    .split("|")
    .map((s) => s.trim());
  const startTime = START + Number(start);
  return aSpan({
    name,
    traceId,
    spanId: id,
    kind: KINDS[kind] ?? "internal",
    startTime,
    endTime: startTime + Number(duration),
    ...(parent === undefined ? {} : { parentSpanId: parent.spanId }),
    status: error === "" ? { code: 0 } : { code: 2 },
    attributes: {
      ...(error === "" ? {} : { "error.type": error }),
      ...(http === "" ? {} : { "http.response.status_code": Number(http) }),
    },
  });
}

/** A webhook that is stored, routed, and executed at the third attempt. 26 spans in 31 seconds. */
export const WEBHOOK_PIPELINE = `
POST /webhooks/stripe | S | 0 | 48.2 | | 200
  webhook.verify | | 1.1 | 0.9
  webhooks:storeRaw | C | 3 | 18.4
    webhooks:storeRaw | S | 4.2 | 15.8
      insert rawEvents | C | 5 | 3.1
      automationTasks.withIndex(by_status_created: status=?) | C | 9 | 4.4
  webhooks:ingest | C | 23 | 22
    webhooks:ingest | S | 24.2 | 19.5
      normalize | | 25 | 0.4
      insert events | C | 26 | 2.9
      route | | 30 | 0.2
      schedule pipeline:executeTask | P | 31 | 0.3
        process pipeline:executeTask | Q | 112 | 240 | ServerError
          POST api.mailer.example | C | 120 | 210 | 503 | 503
          pipeline:recordFailure | C | 335 | 14
            pipeline:recordFailure | S | 336 | 12
              patch automationTasks | C | 338 | 3
              schedule pipeline:executeTask | P | 345 | 0.2
                process pipeline:executeTask | Q | 10420 | 180 | ServerError
                  POST api.mailer.example | C | 10425 | 150 | 503 | 503
                  pipeline:recordFailure | C | 10580 | 15
                    pipeline:recordFailure | S | 10581 | 13
                      schedule pipeline:executeTask | P | 10590 | 0
                        process pipeline:executeTask | Q | 31040 | 190
                          POST api.mailer.example | C | 31046 | 161 | | 202
                          pipeline:complete | C | 31210 | 17
`;
