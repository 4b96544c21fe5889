import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Attributes, SpanRecord } from "../../src/core/types.js";
import { toOtlpJson } from "../../src/otlp/encode.js";
import { ProtoWriter } from "../../src/otlp/protobuf/protoWriter.js";
import { SpanBatch } from "../../src/otlp/protobuf/spanBatch.js";
import { unixNanoField } from "../../src/otlp/protobuf/unixNanoField.js";
import { unixNano } from "../../src/otlp/unixNano.js";
import { anyText, record } from "./arbitraries.js";
import { decodeRequest, type Json, normalized, rewrittenSize } from "./protobufSchema.js";
import { resource, span } from "./spans.js";

function batchOf(spans: readonly SpanRecord[], given: Attributes = resource.attributes): SpanBatch {
  const batch = new SpanBatch({ attributes: given });
  for (const one of spans) expect(batch.add(one)).toBe(true);
  return batch;
}

/** What the JSON encoder says of the same spans. */
function asJson(spans: readonly SpanRecord[], given: Attributes = resource.attributes): Json {
  return normalized(JSON.parse(toOtlpJson(spans, { resource: { attributes: given } })) as Json);
}

/** Strings of more than one size of their length, and of all kinds of characters. */
const longText = fc
  .tuple(fc.constantFrom("a", "é", "€", "😀", "\ud800", "\udc00\ud800", "x\ud83d"), fc.nat({ max: 20_000 }))
  .map(([unit, times]) => unit.repeat(times));

const scope = fc.record(
  {
    name: fc.constantFrom("convex-otel", "ai", ""),
    version: fc.constantFrom("1.0.0", "0.1.0"),
    schemaUrl: fc.constant("https://opentelemetry.io/schemas/1.30.0"),
  },
  { requiredKeys: ["name"] },
);

const scoped = fc
  .tuple(record, fc.option(scope, { nil: undefined }), fc.option(longText, { nil: undefined }))
  .map(([one, from, text]): SpanRecord => ({
    ...one,
    ...(from === undefined ? {} : { scope: from }),
    ...(text === undefined ? {} : { attributes: { ...one.attributes, text, texts: [text, "", text] } }),
  }));

describe("SpanBatch, for any spans", () => {
  it("says what the JSON encoder says, in as few bytes as there can be, and as many as it tells", () => {
    fc.assert(
      fc.property(fc.array(scoped, { minLength: 1, maxLength: 5 }), (spans) => {
        const batch = batchOf(spans);
        const { byteLength } = batch;
        const bytes = batch.finish();
        expect(decodeRequest(bytes)).toEqual(asJson(spans));
        expect(bytes.length).toBe(rewrittenSize(bytes));
        expect(byteLength).toBe(bytes.length);
      }),
      { seed: 11, numRuns: 500 },
    );
  });

  it("says what the JSON encoder says of attributes of any kind", () => {
    const hostile = fc.dictionary(anyText, fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true, withSparseArray: true, withTypedArray: true })); // prettier-ignore
    fc.assert(
      fc.property(hostile, (given) => {
        const attributes = given as Attributes;
        const spans = [span({ attributes }), span()];
        expect(decodeRequest(batchOf(spans, attributes).finish())).toEqual(asJson(spans, attributes));
      }),
      { seed: 12, numRuns: 1000 },
    );
  });
});

describe("unixNanoField, for any time", () => {
  const times = fc.oneof(
    fc.double(),
    fc.double({ min: 0, max: 2e13, noNaN: true }),
    fc.double({ min: 1.6e12, max: 1.9e12, noNaN: true }),
    fc.tuple(fc.nat({ max: 2_000_000_000 }), fc.nat({ max: 999_999_999 })).map(([s, ns]) => s * 1000 + ns / 1e6),
    fc.constantFrom(0.9999996, 18_446_744_073_708.9999, 18_446_744_073_709, 4294.967295, 4294.967296, 1e-7),
  );

  it("writes the nanoseconds of the JSON encoder", () => {
    fc.assert(
      fc.property(times, (ms) => {
        const writer = new ProtoWriter();
        unixNanoField(writer, 0x39, ms);
        const written = Buffer.from(writer.bytes);
        const nanos = written.length === 0 ? 0n : written.readBigUInt64LE(1);
        expect(String(nanos)).toBe(unixNano(ms));
        expect(written.length).toBe(nanos === 0n ? 0 : 9);
      }),
      { seed: 13, numRuns: 5000 },
    );
  });
});
