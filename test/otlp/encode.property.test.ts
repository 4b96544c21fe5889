import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Attributes } from "../../src/core/types.js";
import { encodeSpans } from "../../src/otlp/encode.js";
import { countSpans, splitText } from "../../src/otlp/split.js";
import { utf8Length } from "../../src/otlp/text.js";
import { anyText, record } from "./arbitraries.js";
import { decode } from "./decodeOtlp.js";
import { resource, scope, span } from "./spans.js";

/** What must come back for an attribute, by the rules of OpenTelemetry. */
function sent(given: unknown): unknown {
  if (typeof given === "string") return given.replace(/\p{Surrogate}/gu, "\ufffd");
  if (typeof given === "number") return Number.isSafeInteger(given) ? BigInt(given) : given;
  if (typeof given === "bigint") return given >= -(2n ** 63n) && given < 2n ** 63n ? given : String(given);
  if (Array.isArray(given)) return given.filter((item) => item !== null && item !== undefined).map(sent);
  return given;
}

function sentAttributes(given: Attributes): Record<string, unknown> {
  const entries = Object.entries(given).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.map(([name, item]) => [sent(name), sent(item)]));
}

describe("encodeSpans, for any spans", () => {
  it("decodes back to what was recorded", () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 4 }), (records) => {
        const { text, spanCount } = encodeSpans(records, { resource, scope });
        const { spans } = decode(text);
        expect(spanCount).toBe(records.length);
        for (const [index, given] of records.entries()) {
          const { traceId, spanId, kind, traceFlags } = given;
          expect(spans[index]).toMatchObject({ traceId, spanId, kind, traceFlags, name: sent(given.name) });
          expect(spans[index]?.attributes).toEqual(sentAttributes(given.attributes));
          expect(spans[index]?.events.map((event) => event.attributes)).toEqual(
            given.events.map((event) => sentAttributes(event.attributes)),
          );
          expect(spans[index]?.links.map((link) => link.flags)).toEqual(
            given.links.map((link) => link.context.traceFlags | 0x100 | (link.context.isRemote ? 0x200 : 0)),
          );
          expect((spans[index]?.end ?? -1n) >= (spans[index]?.start ?? 0n)).toBe(true);
        }
      }),
      { seed: 3, numRuns: 300 },
    );
  });

  it("never throws and stays decodable, whatever attributes hold", () => {
    const hostile = fc.dictionary(anyText, fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true, withSparseArray: true, withTypedArray: true })); // prettier-ignore
    fc.assert(
      fc.property(hostile, fc.integer({ min: 0, max: 5000 }), (given, maxBytes) => {
        const list = [span({ attributes: given as Attributes }), span()];
        const { text, spanCount, droppedSpans } = encodeSpans(list, {
          resource: { attributes: given as Attributes },
          scope,
          maxBytes,
        });
        expect(decode(text).spans).toHaveLength(spanCount);
        expect(spanCount + droppedSpans).toBe(2);
        expect(spanCount).toBeGreaterThan(0);
      }),
      { seed: 4, numRuns: 500 },
    );
  });

  it("never exceeds the byte limit, keeps the entry span and counts every loss", () => {
    const list = fc.array(record, { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(list, fc.integer({ min: 1600, max: 9000 }), (records, maxBytes) => {
        const { text, spanCount, droppedSpans } = encodeSpans(records, { resource, scope, maxBytes });
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(maxBytes);
        const { spans } = decode(text);
        expect(spans).toHaveLength(spanCount);
        expect(spanCount + droppedSpans).toBe(records.length);
        expect(spans[0]?.spanId).toBe(records[0]?.spanId);
        const marked = spans[0]?.attributes["convex.telemetry.dropped_spans"];
        expect(marked).toBe(droppedSpans === 0 ? undefined : BigInt(droppedSpans));
      }),
      { seed: 5, numRuns: 300 },
    );
  });

  it("is counted and halved without loss", () => {
    fc.assert(
      fc.property(fc.array(record, { maxLength: 7 }), (records) => {
        const { text } = encodeSpans(records, { resource, scope });
        expect(countSpans(text)).toBe(records.length);
        const halves = splitText(text);
        if (records.length < 2) {
          expect(halves).toBeUndefined();
          return;
        }
        const [first, second] = (halves ?? []).map((half) => decode(half));
        expect([...(first?.spans ?? []), ...(second?.spans ?? [])]).toEqual(decode(text).spans);
        expect(first?.spans).toHaveLength(Math.ceil(records.length / 2));
        expect(first?.resource).toEqual(second?.resource);
      }),
      { seed: 6, numRuns: 200 },
    );
  });
});

describe("utf8Length", () => {
  it("is the size of the encoded text", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(utf8Length(text)).toBe(Buffer.byteLength(text));
      }),
      { seed: 7, numRuns: 500 },
    );
  });
});
