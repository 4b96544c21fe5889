/** Where the spans of a test arrive, and what it answers: one set of words for an exporter in memory and for a real receiver. */
import type { ExportResult } from "../../../../src/index.js";
import type { DecodedSpan, MemoryBatch, ReceiverReply } from "../../../../src/testing/index.js";

/** What becomes of a batch. */
export type Answer =
  | { readonly kind: "accepted"; readonly remark?: string; readonly rejectedSpans?: number }
  | { readonly kind: "refused" }
  | { readonly kind: "overloaded"; readonly retryAfterMs?: number };

/** A backend of a test. */
export interface SpanBackend {
  /** The accepted spans, in order of arrival. */
  readonly spans: readonly DecodedSpan[];
  /** The spans of all batches, whatever was answered. */
  readonly batches: readonly (readonly DecodedSpan[])[];
  /** Forgets what arrived. */
  clear(): void;
  /** Decides the answers from here on. */
  respondWith(script: () => Answer): void;
}

/** An answer as an exporter returns it. */
export function toResult(answer: Answer, { texts, spans }: MemoryBatch): ExportResult {
  switch (answer.kind) {
    case "accepted": {
      const { remark, rejectedSpans = 0 } = answer;
      return { outcome: "delivered", rejectedSpans, ...(remark === undefined ? {} : { message: remark }) };
    }
    case "refused":
      return { outcome: "rejected", rejectedSpans: spans.length, message: "401" };
    case "overloaded": {
      const { retryAfterMs } = answer;
      const pause = retryAfterMs === undefined ? {} : { retryAfterMs };
      return { outcome: "retry", texts, rejectedSpans: 0, message: "503", ...pause };
    }
  }
}

/** An answer as a backend sends it. */
export function toReply(answer: Answer): ReceiverReply {
  switch (answer.kind) {
    case "accepted": {
      const { remark: errorMessage = "", rejectedSpans = 0 } = answer;
      return { status: 200, body: { partialSuccess: { rejectedSpans: String(rejectedSpans), errorMessage } } };
    }
    case "refused":
      return { status: 401 };
    case "overloaded": {
      const { retryAfterMs } = answer;
      const headers = retryAfterMs === undefined ? {} : { "retry-after": String(retryAfterMs / 1000) };
      return { status: 503, headers };
    }
  }
}
