/** Ids: legal whatever the random numbers are, and derived ones the same for ever, since pending jobs rely on it. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { derivedIds, hex64, newSpanId, newTraceId, newUuid } from "../../src/core/ids.js";

/** A random port that gives these numbers, again and again. */
function drawing(...numbers: number[]) {
  let next = 0;
  return { uint32: () => numbers[next++ % numbers.length] ?? 0 };
}

const uint32 = fc.integer({ min: 0, max: 0xffffffff });

describe("hex64", () => {
  it("writes the digits that toString does", () => {
    fc.assert(
      fc.property(uint32, uint32, (high, low) => {
        const digits = (word: number) => word.toString(16).padStart(8, "0");
        expect(hex64(high, low)).toBe(digits(high) + digits(low));
        expect(hex64(high | 0, low | 0)).toBe(hex64(high, low));
      }),
      { seed: 7 },
    );
  });
});

describe("ids", () => {
  it("are never all zero", () => {
    expect(newTraceId(drawing(0))).toBe("00000000000000000000000000000001");
    expect(newSpanId(drawing(0))).toBe("0000000000000001");
    expect(newSpanId(drawing(0, 7))).toBe("0000000000000007");
    expect(newSpanId(drawing(7, 0))).toBe("0000000700000000");
  });

  it("use every random bit", () => {
    expect(newTraceId(drawing(0x01234567, 0x89abcdef, 0xfedcba98, 0x76543210))).toBe(
      "0123456789abcdeffedcba9876543210",
    );
    expect(newSpanId(drawing(0x01234567, 0x89abcdef))).toBe("0123456789abcdef");
  });

  it("make UUIDs of version 4", () => {
    expect(newUuid(drawing(0x01234567, 0x89abcdef, 0xfedcba98, 0x76543210))).toBe(
      "01234567-89ab-4def-8edc-ba9876543210",
    );
  });
});

describe("derivedIds", () => {
  it("does not change: both sides of a pending job derive them", () => {
    expect(derivedIds("kg2a")).toEqual({ traceId: "ff384768437e5352649c1b6e48500d4c", spanId: "240d96fa11cce9f7" });
    expect(derivedIds("")).toEqual({ traceId: "481c4aa2e203e77f7b3b754286b83f95", spanId: "1f54e9b4484154b3" });
  });

  it("differs between texts", () => {
    const texts = fc.uniqueArray(fc.string(), { minLength: 2, maxLength: 50 });
    fc.assert(
      fc.property(texts, (list) => {
        const ids = list.map(derivedIds);
        expect(new Set(ids.map(({ traceId }) => traceId)).size).toBe(list.length);
        expect(new Set(ids.map(({ spanId }) => spanId)).size).toBe(list.length);
      }),
      { seed: 7 },
    );
  });
});
