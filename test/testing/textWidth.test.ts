import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cutTo, fit, textWidth } from "../../src/testing/textWidth.js";

describe("textWidth", () => {
  it.each([
    ["", 0],
    ["abc", 3],
    ["├─ é", 4],
    ["e\u0301", 1],
    ["日本", 4],
    ["한글", 4],
    ["🎉", 2],
    ["a\u200bb", 2],
    ["𠀀", 2],
    ["✗ ━", 3],
  ])("%j takes %i columns", (text, columns) => {
    expect(textWidth(text)).toBe(columns);
  });

  it.each([
    ["abcdef", 6, "abcdef"],
    ["abcdef", 5, "abcd…"],
    ["日本語", 5, "日本…"],
    ["日本語", 4, "日…"],
    ["abc", 1, "…"],
    ["abc", 0, ""],
  ])("%j cut to %i columns is %j", (text, columns, expected) => {
    expect(cutTo(text, columns)).toBe(expected);
  });

  it("fits any text exactly", () => {
    const anyText = fc.string({ unit: fc.constantFrom("a", "日", "é", "e\u0301", "🎉", " ") });
    fc.assert(
      fc.property(anyText, fc.integer({ min: 0, max: 20 }), (text, columns) => {
        expect(textWidth(fit(text, columns))).toBe(columns);
      }),
      { seed: 1 },
    );
  });
});
