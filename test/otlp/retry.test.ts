import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { RETRY_MAX_ATTEMPTS, retryDelayMs } from "../../src/otlp/retry.js";

const fixed = (value: number) => ({ uint32: () => value });
const middle = fixed(2 ** 31);

describe("retryDelayMs", () => {
  it("grows by three to half an hour and then gives up", () => {
    const delays = Array.from({ length: 10 }, (_, index) => retryDelayMs(index + 1, { random: middle }));
    const minutes = [5_000, 15_000, 45_000, 135_000, 405_000, 1_215_000, 1_800_000];
    expect(delays).toEqual([...minutes, undefined, undefined, undefined]);
    expect(RETRY_MAX_ATTEMPTS).toBe(8);
  });

  it("spreads by a fifth up and down", () => {
    expect(retryDelayMs(1, { random: fixed(0) })).toBe(4_000);
    expect(retryDelayMs(1, { random: fixed(2 ** 32 - 1) })).toBe(6_000);
  });

  it.each([
    [undefined, 5_000],
    [0, 5_000],
    [4_000, 5_000],
    [60_000.2, 60_001],
    [24 * 3_600_000, 3_600_000],
    [Infinity, 3_600_000],
    [NaN, 5_000],
    [-1, 5_000],
  ])("Retry-After of %s ms: %d", (retryAfterMs, delay) => {
    const asked = retryAfterMs === undefined ? {} : { retryAfterMs };
    expect(retryDelayMs(1, { random: middle, ...asked })).toBe(delay);
  });

  it("gives up on a count that is none", () => {
    expect(retryDelayMs(NaN, { random: middle })).toBeUndefined();
    expect(retryDelayMs(0, { random: middle })).toBe(5_000);
  });

  it("is always whole, in bounds and never before the backend asked for", () => {
    const attempt = fc.integer({ min: 1, max: 7 });
    fc.assert(
      fc.property(attempt, fc.nat(2 ** 32 - 1), fc.nat(3_600_000), (attempt, random, retryAfterMs) => {
        const delay = retryDelayMs(attempt, { random: fixed(random), retryAfterMs }) ?? -1;
        expect(Number.isInteger(delay)).toBe(true);
        expect(delay).toBeGreaterThanOrEqual(Math.max(4_000, retryAfterMs));
        expect(delay).toBeLessThanOrEqual(3_600_000);
      }),
      { seed: 9 },
    );
  });
});
