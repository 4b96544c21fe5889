/** Samplers: the 56-bit rule of the OpenTelemetry specification, parents, and shares by function path. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { alwaysOff, alwaysOn, covers, parentBased, ratioFor, ratioSampler } from "../../src/core/sampler.js";

const input = (traceId: string, parentSampled?: boolean) => ({ traceId, name: undefined, parentSampled });
const traceId = fc.stringMatching(/^[0-9a-f]{32}$/);

describe("ratioSampler", () => {
  it("compares the low 56 bits with the threshold of the ratio", () => {
    const half = ratioSampler(0.5);
    const high = "f".repeat(18);
    expect(half(input(high + "80000000000000"))).toBe("record_and_sample");
    expect(half(input(high + "7fffffffffffff"))).toBe("drop");
    expect(half(input("0".repeat(18) + "80000000000000"))).toBe("record_and_sample");
  });

  it("decides as exact arithmetic does", () => {
    fc.assert(
      fc.property(traceId, fc.double({ min: 0, max: 1, noNaN: true }), (id, ratio) => {
        const random = BigInt(`0x${id.slice(18)}`);
        const threshold = BigInt(Math.round((1 - ratio) * 2 ** 56));
        expect(ratioSampler(ratio)(input(id)) === "record_and_sample").toBe(
          ratio >= 1 || (ratio > 0 && random >= threshold),
        );
      }),
      { seed: 7, numRuns: 2000 },
    );
  });

  it("keeps at a higher ratio whatever it keeps at a lower one", () => {
    const ratio = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(traceId, ratio, ratio, (id, a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)].map((r) => ratioSampler(r)(input(id)));
        expect(low === "record_and_sample" && high === "drop").toBe(false);
      }),
      { seed: 7 },
    );
  });

  it.each([
    [0, "drop"],
    [-1, "drop"],
    [Number.NaN, "drop"],
    [1, "record_and_sample"],
    [2, "record_and_sample"],
  ])("ratio %d: %s", (ratio, decision) => {
    expect(ratioSampler(ratio)(input("0".repeat(31) + "1"))).toBe(decision);
  });
});

describe("parentBased", () => {
  it.each([
    [true, "record_and_sample"],
    [false, "drop"],
    [undefined, "drop"],
  ])("parent %s: %s", (parentSampled, decision) => {
    expect(parentBased(alwaysOff)(input("1".repeat(32), parentSampled))).toBe(decision);
  });

  it("asks the root sampler about roots only", () => {
    expect(parentBased(alwaysOn)(input("1".repeat(32)))).toBe("record_and_sample");
    expect(parentBased(alwaysOn)(input("1".repeat(32), false))).toBe("drop");
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
