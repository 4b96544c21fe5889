import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fakeRandom } from "../../src/testing/index.js";

describe("fakeRandom", () => {
  it("gives the published sequence of mulberry32", () => {
    const random = fakeRandom(0);
    expect([random.uint32(), random.uint32(), random.uint32()]).toEqual([1144304738, 1416247, 958946056]);
  });

  it("gives the same sequence for the same seed, and another one for another seed", () => {
    const draw = (seed?: number): number[] => {
      const random = fakeRandom(seed);
      return Array.from({ length: 20 }, () => random.uint32());
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw()).toEqual(draw(1));
    expect(draw(7)).not.toEqual(draw(8));
  });

  it("gives unsigned 32-bit integers for every seed", () => {
    const isUint32 = (value: number): boolean => Number.isInteger(value) && value >= 0 && value < 2 ** 32;
    fc.assert(
      fc.property(fc.maxSafeInteger(), (seed) => isUint32(fakeRandom(seed).uint32())),
      { seed: 1 },
    );
  });

  it("spreads over the whole range", () => {
    const random = fakeRandom(3);
    const buckets = new Array<number>(16).fill(0);
    for (let draw = 0; draw < 16_000; draw += 1) {
      const bucket = random.uint32() >>> 28;
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
    }
    // 1000 expected in each; 5 standard deviations are 155.
    for (const count of buckets) expect(Math.abs(count - 1_000)).toBeLessThan(155);
  });

  it("counts its draws", () => {
    const random = fakeRandom();
    expect(random.draws).toBe(0);
    random.uint32();
    random.uint32();
    expect(random.draws).toBe(2);
  });

  it("refuses a seed that is no integer", () => {
    expect(() => fakeRandom(1.5)).toThrow("seed is 1.5");
    expect(() => fakeRandom(Number.NaN)).toThrow(TypeError);
  });
});
