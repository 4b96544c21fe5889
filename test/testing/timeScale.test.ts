import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { columnOf, timeScale } from "../../src/testing/timeScale.js";
import { bar } from "../../src/testing/waterfallBar.js";
import { aSpan, START } from "./spans.js";

function run(start: number, length: number): ReturnType<typeof aSpan> {
  return aSpan({ startTime: START + start, endTime: START + start + length });
}

describe("timeScale", () => {
  it("is linear where work follows work", () => {
    const scale = timeScale([run(0, 100), run(100, 100)], 40);
    expect(scale.segments).toEqual([{ start: START, end: START + 200, column: 0, columns: 40 }]);
    expect([0, 50, 200].map((ms) => columnOf(scale, START + ms))).toEqual([0, 10, 40]);
  });

  it("keeps a pause that is shorter than the work", () => {
    expect(timeScale([run(0, 100), run(150, 100)], 40).segments).toHaveLength(1);
  });

  it("cuts a pause that is longer than all the work", () => {
    const scale = timeScale([run(0, 100), run(10_000, 100)], 41);
    expect(scale.segments.map(({ column, columns }) => [column, columns])).toEqual([
      [0, 20],
      [21, 20],
    ]);
    expect(columnOf(scale, START + 10_050)).toBe(31);
  });

  it("draws equal times equally long in all segments", () => {
    const scale = timeScale([run(0, 300), run(10_000, 100)], 41);
    const length = (from: number): number => columnOf(scale, START + from + 50) - columnOf(scale, START + from);
    expect(length(0)).toBeCloseTo(length(10_000), 9);
  });

  it("gives a short segment room for its label", () => {
    const scale = timeScale([run(0, 1_000), run(10_000, 1)], 41);
    expect(scale.segments.map((segment) => segment.columns)).toEqual([33, 7]);
  });

  it("cuts the longest pauses only, if there is no room for all", () => {
    const spans = [run(0, 1), run(100, 1), run(1_000, 1), run(50_000, 1)];
    expect(timeScale(spans, 15).segments.map((segment) => segment.start - START)).toEqual([0, 50_000]);
  });

  it("puts spans of no length in the first column", () => {
    const scale = timeScale([run(0, 0)], 40);
    expect(columnOf(scale, START)).toBe(0);
  });

  it("never puts anything outside, and never goes backwards", () => {
    const spans = fc.array(fc.tuple(fc.nat(1_000_000), fc.nat(2_000)), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(spans, fc.integer({ min: 15, max: 120 }), (pairs, width) => {
        const all = pairs.map(([start, length]) => run(start, length));
        const scale = timeScale(all, width);
        const times = all.flatMap((span) => [span.startTime, span.endTime]).sort((a, b) => a - b);
        const columns = times.map((time) => columnOf(scale, time));
        expect(columns).toEqual([...columns].sort((a, b) => a - b));
        expect(Math.min(...columns)).toBeGreaterThanOrEqual(0);
        expect(Math.max(...columns)).toBeLessThanOrEqual(width);
        expect(scale.segments.reduce((sum, segment) => sum + segment.columns + 1, -1)).toBe(width);
        for (const span of all) {
          const [before, drawn, after] = bar(span, scale);
          expect((before + drawn + after).length).toBe(width);
          expect(drawn).toMatch(/^(╏|[╺━]?━*[╸━]?)$/);
          expect(drawn).not.toBe("");
        }
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});
