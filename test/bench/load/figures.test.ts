import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareBaselines, noiseOf } from "../../../bench/load/figures/baseline.js";
import { parseProfile, selfTimes } from "../../../bench/load/figures/cpuProfile.js";
import { flatness } from "../../../bench/load/figures/flatness.js";
import { median, percentile } from "../../../bench/load/figures/percentiles.js";
import { ratioOf } from "../../../bench/load/figures/ratio.js";
import { fakeRandom } from "../../../src/testing/index.js";

describe("percentiles", () => {
  it.each([
    [[5], 0.99, 5],
    [[1, 2, 3, 4], 0.5, 2],
    [[1, 2, 3, 4], 0.51, 3],
    [[1, 2, 3, 4], 0, 1],
    [[1, 2, 3, 4], 1, 4],
    [Array.from({ length: 200 }, (_, index) => index + 1), 0.99, 198],
  ])("of %j at %d is %d", (sorted, part, expected) => {
    expect(percentile(sorted, part)).toBe(expected);
  });

  it("of nothing is no number", () => {
    expect(percentile([], 0.5)).toBeNaN();
    expect(median([])).toBeNaN();
  });

  it("is one of the values, with at least that part of them below or at it", () => {
    const values = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1 });
    fc.assert(
      fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (unsorted, part) => {
        const sorted = [...unsorted].sort((a, b) => a - b);
        const found = percentile(sorted, part);
        expect(sorted).toContain(found);
        expect(sorted.filter((value) => value <= found).length).toBeGreaterThanOrEqual(part * sorted.length - 1e-9);
        expect(sorted.filter((value) => value < found).length).toBeLessThanOrEqual(part * sorted.length);
      }),
    );
  });

  it.each([
    [[3, 1, 2], 2],
    [[4, 1, 3, 2], 2.5],
  ])("the median of %j is %d", (values, expected) => {
    expect(median(values)).toBe(expected);
  });
});

describe("a ratio", () => {
  it("cancels what disturbs both sides of a round", () => {
    expect(ratioOf([2, 20, 200], [1, 10, 100])).toEqual({ ratio: 2, low: 2, high: 2 });
  });

  it("is not moved by one round that went wrong, but is trusted less", () => {
    const theirs = [1, 1, 1, 1, 1];
    const calm = ratioOf([0.97, 0.98, 0.99, 1, 1.01], theirs);
    const disturbed = ratioOf([0.97, 0.98, 0.99, 1, 30], theirs);
    expect(disturbed.ratio).toBe(calm.ratio);
    expect(disturbed.high).toBeGreaterThan(calm.high);
  });

  it("has the same interval each time", () => {
    const [ours, theirs] = [noisy(1, 12, 1), noisy(1, 12, 2)];
    expect(ratioOf(ours, theirs)).toEqual(ratioOf(ours, theirs));
  });

  it("has an interval that holds the true ratio about 95 times of 100", () => {
    const runs = Array.from({ length: 100 }, (_, run) => ratioOf(noisy(0.9, 15, 2 * run), noisy(1, 15, 2 * run + 1)));
    const right = runs.filter(({ low, high }) => low <= 0.9 && high >= 0.9).length;
    expect(right).toBeGreaterThanOrEqual(90);
    expect(right).toBeLessThan(100);
  });

  it.each([
    [[], []],
    [[1], [1, 2]],
  ])("refuses %j and %j", (ours, theirs) => {
    expect(() => ratioOf(ours, theirs)).toThrow(RangeError);
  });
});

/** Figures around a value, up to 10 % off. */
function noisy(value: number, rounds: number, seed: number): number[] {
  const random = fakeRandom(seed);
  return Array.from({ length: rounds }, () => value * (0.9 + (0.2 * random.uint32()) / 2 ** 32));
}

describe("noise", () => {
  const calm = { ratio: 1, low: 0.99, high: 1.01 };

  it("is that of the ratio, or what two servers with the same code differ by", () => {
    expect(noiseOf({ ratio: 0.9, low: 0.81, high: 0.93 }, calm)).toBeCloseTo(0.9 / 0.81);
    expect(noiseOf({ ratio: 0.9, low: 0.88, high: 0.99 }, calm)).toBeCloseTo(1.1);
    expect(noiseOf(calm, { ratio: 1.02, low: 1, high: 1.06 })).toBe(1.06);
    expect(noiseOf(calm, { ratio: 0.9, low: 0.8, high: 1 })).toBe(1.25);
  });
});

describe("a comparison with the baseline", () => {
  const rate = { name: "rate", better: "more" } as const;
  const time = { name: "time", better: "less" } as const;
  const verdicts = (metric: typeof rate | typeof time, was: number, is: number, noise = 1.02): string[] => {
    const entry = (ratio: number) => ({ [metric.name]: { ratio, noise } });
    return compareBaselines(entry(was), entry(is), [metric]).map(({ verdict }) => verdict);
  };

  it.each([
    [rate, 0.95, 0.9, "regression"],
    [rate, 0.95, 0.93, "within noise"],
    [rate, 0.9, 0.95, "improvement"],
    [time, 1.1, 1.2, "regression"],
    [time, 1.1, 1.13, "within noise"],
    [time, 1.2, 1.1, "improvement"],
  ])("%j from %d to %d: %s", (metric, was, is, expected) => {
    expect(verdicts(metric, was, is)).toEqual([expected]);
  });

  it("takes the noise of both runs for possible", () => {
    expect(verdicts(time, 1, 1.2, 1.09)).toEqual(["regression"]);
    expect(verdicts(time, 1, 1.2, 1.1)).toEqual(["within noise"]);
  });

  it("leaves out what only one of both has", () => {
    expect(compareBaselines({ rate: { ratio: 1, noise: 1 } }, { time: { ratio: 1, noise: 1 } }, [rate, time])).toEqual(
      [],
    );
  });
});

describe("a CPU profile", () => {
  const frame = (functionName: string, url: string, lineNumber = 0) => ({ functionName, url, lineNumber });
  const profile = parseProfile(
    JSON.stringify({
      nodes: [
        { id: 1, callFrame: frame("(idle)", "") },
        { id: 2, callFrame: frame("query", "file:///home/ann/app/node_modules/pg/lib/client.js", 41) },
        { id: 3, callFrame: frame("", "file:///home/ann/app/node_modules/@opentelemetry/core/build/x.js", 6) },
        { id: 4, callFrame: frame("(garbage collector)", "") },
        { id: 5, callFrame: frame("record", "file:///home/ann/app/dist/node.js", 9) },
        { id: 6, callFrame: frame("parse", "file:///home/ann/app/node_modules/pg/lib/parser.js", 0) },
      ],
      samples: [1, 2, 3, 2, 4, 5, 6],
      timeDeltas: [900, 10, 20, 10, 30, 10, 20],
    }),
  );

  it("tells the times of functions and packages, without what was idle", () => {
    const { functions, packages } = selfTimes(profile);
    expect([...functions]).toEqual([
      ["query pg:42", 20],
      ["(anonymous) @opentelemetry/core:7", 20],
      ["(garbage collector)", 30],
      ["record dist/node.js:10", 10],
      ["parse pg:1", 20],
    ]);
    expect([...packages]).toEqual([
      ["pg", 40],
      ["@opentelemetry/core", 20],
      ["(garbage collector)", 30],
      ["dist/node.js", 10],
    ]);
  });
});

describe("flatness", () => {
  const samples = (bytes: (index: number) => number) =>
    Array.from({ length: 18 }, (_, index) => ({
      spans: 1_000 * (index + 1),
      heapBytes: 50e6 + bytes(index),
      residentBytes: 120e6,
    }));

  it("is what each span leaves behind, whatever a single sample says", () => {
    const leaking = samples((index) => (index === 3 ? 9e6 : 2_000 * index));
    expect(flatness(leaking)).toEqual({ heapBytesOfSpan: 2, residentBytesOfSpan: 0 });
  });

  it("is nothing where memory goes up and down", () => {
    const { heapBytesOfSpan } = flatness(samples((index) => (index % 2) * 1e6));
    expect(Math.abs(heapBytesOfSpan)).toBeLessThan(1);
  });

  it("takes two samples", () => {
    expect(() => flatness(samples(() => 0).slice(0, 1))).toThrow(RangeError);
  });
});
