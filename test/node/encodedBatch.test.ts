/** Requests of encoded spans, and their bounds. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SpanRecord } from "../../src/core/types.js";
import { EncodedBatch } from "../../src/node/encodedBatch.js";
import { record } from "../otlp/arbitraries.js";
import { resource, span } from "../otlp/spans.js";

/** Spans as they are put into requests, one after the other: bytes and spans of each request. */
async function requestsOf(spans: readonly SpanRecord[], maxBytes: number): Promise<{ bytes: number; spans: number }[]> {
  const requests: { bytes: number; spans: number }[] = [];
  const open = () =>
    new EncodedBatch(resource, {
      maxRequestBytes: maxBytes,
      send: ({ bytes, spanCount }) => {
        requests.push({ bytes: bytes.byteLength, spans: spanCount });
        return Promise.resolve({ outcome: "delivered", rejectedSpans: 0 });
      },
    });
  let batch = open();
  for (const next of spans) {
    if (batch.add(next) === "added") continue;
    await batch.send();
    batch = open();
    expect(batch.add(next)).toBe("added");
  }
  await batch.send();
  return requests;
}

describe("a request of encoded spans", () => {
  it("has no more bytes than allowed, unless by one span alone, and no span is lost", async () => {
    const valid = record.filter(({ traceId, spanId }) => !/^0+$/.test(traceId) && !/^0+$/.test(spanId));
    await fc.assert(
      fc.asyncProperty(
        fc.array(valid, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 200, max: 3_000 }),
        async (spans, maxBytes) => {
          const requests = await requestsOf(spans, maxBytes);
          expect(requests.reduce((sum, request) => sum + request.spans, 0)).toBe(spans.length);
          for (const { bytes, spans: count } of requests) if (count > 1) expect(bytes).toBeLessThanOrEqual(maxBytes);
        },
      ),
      { numRuns: 100 },
    );
  });

  it("is filled as far as it goes", async () => {
    const one = (await requestsOf([span()], Infinity))[0]?.bytes ?? 0;
    const two = (await requestsOf([span(), span()], Infinity))[0]?.bytes ?? 0;
    expect((await requestsOf([span(), span(), span()], two)).map((request) => request.spans)).toEqual([2, 1]);
    expect((await requestsOf([span(), span(), span()], two - 1)).map((request) => request.spans)).toEqual([1, 1, 1]);
    expect((await requestsOf([span(), span()], one - 1)).map((request) => request.spans)).toEqual([1, 1]);
  });

  it("says of a span without ids that no request can have it, whatever was there before", () => {
    const way = { maxRequestBytes: Infinity, send: () => Promise.reject(new Error("not sent")) };
    const broken = span({ traceId: "no id" });
    expect(new EncodedBatch(resource, way).add(broken)).toBe("refused");
    const batch = new EncodedBatch(resource, way);
    expect([batch.add(span()), batch.add(broken), batch.spanCount]).toEqual(["added", "full", 1]);
  });
});
