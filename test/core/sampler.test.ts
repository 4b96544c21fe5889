/** Sampling: the 56-bit rule of the OpenTelemetry specification, and shares by function path. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { covers, keepsTrace, ratioFor } from "../../src/core/sampler.js";

const traceId = fc.stringMatching(/^[0-9a-f]{32}$/);

describe("keepsTrace", () => {
  it("compares the low 56 bits with the threshold of the ratio", () => {
    const high = "f".repeat(18);
    expect(keepsTrace(high + "80000000000000", 0.5)).toBe(true);
    expect(keepsTrace(high + "7fffffffffffff", 0.5)).toBe(false);
    expect(keepsTrace("0".repeat(18) + "80000000000000", 0.5)).toBe(true);
  });

  it("decides as exact arithmetic does", () => {
    const ratio = fc.oneof(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1e-15, noNaN: true }));
    const id = fc.oneof(traceId, fc.constantFrom("f".repeat(32), "0".repeat(31) + "1"));
    fc.assert(
      fc.property(id, ratio, (given, share) => {
        const random = BigInt(`0x${given.slice(18)}`);
        const threshold = BigInt(Math.round((1 - share) * 2 ** 56));
        expect(keepsTrace(given, share)).toBe(share >= 1 || (share > 0 && random >= threshold));
      }),
      { seed: 7, numRuns: 2000 },
    );
  });

  it("keeps at a higher ratio whatever it keeps at a lower one", () => {
    const ratio = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(traceId, ratio, ratio, (id, a, b) => {
        expect(keepsTrace(id, Math.min(a, b)) && !keepsTrace(id, Math.max(a, b))).toBe(false);
      }),
      { seed: 7 },
    );
  });

  it.each([
    [0, false],
    [-1, false],
    [Number.NaN, false],
    [1, true],
    [2, true],
  ])("ratio %d: %s", (ratio, isKept) => {
    expect(keepsTrace("0".repeat(31) + "1", ratio)).toBe(isKept);
  });
});

describe("function paths", () => {
  it.each([
    ["*", undefined, true],
    ["*", "a:b", true],
    ["a:b", "a:b", true],
    ["a:b", "a:bc", false],
    ["a:*", "a:b", true],
    ["a:*", "a", true],
    ["a:*", "ab:c", false],
    ["a/*", "a/b:c", true],
    ["a/*", "a:b", false],
    ["a:*", undefined, false],
  ])("%s covers %s: %s", (pattern, name, expected) => {
    expect(covers(pattern, name)).toBe(expected);
  });

  it.each([
    ["presence:beat", 0],
    ["presence", 0],
    ["admin/users:list", 0.5],
    ["admin/users:get", 0.7],
    ["other:x", 0.1],
    [undefined, 0.1],
  ])("%s has the share of the closest pattern: %d", (name, ratio) => {
    const rules = { "*": 0.1, "presence:*": 0, "admin/*": 0.5, "admin/users:get": 0.7 };
    expect(ratioFor(rules, name)).toBe(ratio);
  });

  it("keeps all of what no pattern covers", () => {
    expect(ratioFor({ "a:*": 0 }, "b:c")).toBe(1);
  });
});
