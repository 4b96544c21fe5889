/** What the end-to-end tests ask Jaeger: the JSON API that its own web pages use. */
import { setTimeout as sleep } from "node:timers/promises";

/** One tag of a span, log or process. */
export interface JaegerTag {
  readonly key: string;
  readonly type: "string" | "bool" | "int64" | "float64" | "binary";
  readonly value: unknown;
}

/** A parent (`CHILD_OF`) or a link (`FOLLOWS_FROM`). */
export interface JaegerReference {
  readonly refType: "CHILD_OF" | "FOLLOWS_FROM";
  readonly traceID: string;
  readonly spanID: string;
}

/** A span as Jaeger stored it. */
export interface JaegerSpan {
  readonly traceID: string;
  readonly spanID: string;
  readonly operationName: string;
  readonly references: readonly JaegerReference[];
  /** Microseconds since the Unix epoch. */
  readonly startTime: number;
  /** Microseconds. */
  readonly duration: number;
  readonly tags: readonly JaegerTag[];
  readonly logs: readonly { readonly timestamp: number; readonly fields: readonly JaegerTag[] }[];
  readonly processID: string;
  readonly warnings: readonly string[] | null;
}

/** A trace as Jaeger stored it. */
export interface JaegerTrace {
  readonly traceID: string;
  readonly spans: readonly JaegerSpan[];
  readonly processes: Readonly<
    Record<string, { readonly serviceName: string; readonly tags: readonly JaegerTag[] | null }>
  >;
}

/** Which traces to look for. */
export interface TraceQuery {
  readonly service: string;
  /** Tags that one span of the trace must have. */
  readonly tags?: Readonly<Record<string, string>>;
  /** At most this many traces. Default 100. */
  readonly limit?: number;
}

/** When a trace counts as arrived. */
export interface Arrival {
  /** At least this many spans. Default 1. */
  readonly spans?: number;
  /** How long to wait for them, in milliseconds. Default 10,000. */
  readonly timeoutMs?: number;
}

/** Questions to a running Jaeger. */
export interface JaegerClient {
  /** The traces that match at this moment. */
  findTraces(query: TraceQuery): Promise<readonly JaegerTrace[]>;
  /** The trace, once enough of it has arrived; throws, naming what did arrive, if it does not. */
  getTrace(traceId: string, arrival?: Arrival): Promise<JaegerTrace>;
}

const POLL_EVERY_MS = 50;

export function createJaegerClient(queryUrl: string): JaegerClient {
  return {
    findTraces: async ({ service, tags, limit = 100 }) => {
      const parameters = new URLSearchParams({ service, limit: String(limit), lookback: "1h" });
      if (tags !== undefined) parameters.set("tags", JSON.stringify(tags));
      return await traces(`${queryUrl}/api/traces?${parameters.toString()}`);
    },
    getTrace: (traceId, { spans = 1, timeoutMs = 10_000 } = {}) =>
      untilArrived(`${queryUrl}/api/traces/${traceId}`, spans, timeoutMs),
  };
}

async function untilArrived(url: string, spans: number, timeoutMs: number): Promise<JaegerTrace> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const [trace] = await traces(url);
    if (trace !== undefined && trace.spans.length >= spans) return trace;
    if (Date.now() > deadline) {
      const names = trace?.spans.map(({ operationName }) => operationName) ?? [];
      throw new Error(`${url}: ${names.length} of ${spans} spans arrived: ${names.join(", ")}`);
    }
    await sleep(POLL_EVERY_MS);
  }
}

async function traces(url: string): Promise<readonly JaegerTrace[]> {
  const response = await fetch(url);
  if (response.status === 404) return [];
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
  const body = (await response.json()) as { readonly data: readonly JaegerTrace[] | null };
  return body.data ?? [];
}
