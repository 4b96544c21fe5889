import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { unixNano } from "../../src/otlp/unixNano.js";

/** The exact value of a double in nanoseconds, rounded half up, by integer arithmetic alone. */
function reference(ms: number): string {
  // A double is mantissa * 2^-k; scaled by 2^52 every fraction of a time after 1970 is a whole number.
  const whole = Math.floor(ms);
  const fraction = BigInt((ms - whole) * 2 ** 52);
  const nanos = (fraction * 1_000_000n * 2n + 2n ** 52n) / 2n ** 53n;
  return String(BigInt(whole) * 1_000_000n + nanos);
}

describe("unixNano", () => {
  it.each([
    [0, "0"],
    [-5, "0"],
    [NaN, "0"],
    [-Infinity, "0"],
    [0.000001, "1"],
    [0.5, "500000"],
    [1, "1000000"],
    [1.0000004, "1000000"],
    [1.9999999, "2000000"],
    [0.9999999, "1000000"],
    [1_763_800_000_000, "1763800000000000000"],
    [1_763_800_000_000.25, "1763800000000250000"],
    [1_763_800_000_000.000244140625, "1763800000000000244"],
    [9_999_999.000001, "9999999000001"],
    [Infinity, "18446744073709000000"],
    [1e300, "18446744073709000000"],
  ])("%d ms is %s ns", (ms, nanos) => expect(unixNano(ms)).toBe(nanos));

  it("is exact for every date from 1970 to the year 2500", () => {
    const time = fc.tuple(fc.integer({ min: 0, max: 16_700_000_000_000 }), fc.double({ min: 0, max: 1, noNaN: true }));
    fc.assert(
      fc.property(time, ([whole, fraction]) => {
        const ms = 1_000_000 + whole + fraction;
        expect(unixNano(ms)).toBe(reference(ms));
      }),
      { seed: 1, numRuns: 3000 },
    );
  });

  it("never goes backwards", () => {
    const time = fc.double({ min: 0, max: 2e13, noNaN: true });
    fc.assert(
      fc.property(time, time, (a, b) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        expect(BigInt(unixNano(low)) <= BigInt(unixNano(high))).toBe(true);
      }),
      { seed: 2, numRuns: 1000 },
    );
  });
});
