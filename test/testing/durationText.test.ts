import { describe, expect, it } from "vitest";
import { durationText } from "../../src/testing/spanText.js";

describe("durationText", () => {
  it.each([
    [0, "0ms"],
    [0.000_25, "0.25µs"],
    [0.85, "850µs"],
    [0.9994, "999µs"],
    [0.9996, "1ms"],
    [1.234, "1.23ms"],
    [9.996, "10ms"],
    [12.5, "12.5ms"],
    [182.4, "182ms"],
    [999.4, "999ms"],
    [999.6, "1s"],
    [31_240, "31.2s"],
    [59_940, "59.9s"],
    [59_960, "1m00s"],
    [125_000, "2m05s"],
    [3_599_400, "59m59s"],
    [3_599_600, "1h00m"],
    [11_220_000, "3h07m"],
    [360_000_000, "100h00m"],
  ])("%f ms is %s", (ms, expected) => {
    expect(durationText(ms)).toBe(expected);
  });

  it("never takes more than seven columns below a thousand hours", () => {
    for (let ms = 0.001; ms < 3_600_000_000; ms *= 1.01) expect(durationText(ms).length).toBeLessThanOrEqual(7);
  });
});
