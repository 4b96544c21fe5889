/** The text that stands for a query in its span. */
import { describe, expect, it } from "vitest";
import {
  conditionsOf,
  fingerprintOf,
  scansTable,
  tableShape,
} from "../../../../src/adapters/convex/server/queryShape.js";

describe("the shape of a query", () => {
  it("is text without values", () => {
    const indexed = {
      ...tableShape("t"),
      source: { kind: "index", name: "by_a", conditions: ["a=?", "b>?"] },
    } as const;
    expect(fingerprintOf(tableShape("t"))).toBe("t");
    expect(fingerprintOf(indexed)).toBe("t.withIndex(by_a: a=?, b>?)");
    expect(fingerprintOf({ ...indexed, isFiltered: true, order: "desc" })).toBe(
      "t.withIndex(by_a: a=?, b>?).filter.order(desc)",
    );
    expect(fingerprintOf({ ...tableShape("t"), source: { kind: "search", name: "s", conditions: ["body~?"] } })).toBe(
      "t.withSearchIndex(s: body~?)",
    );
  });

  it.each([
    ["collecting a table", {}, true, true],
    ["the first of a table", {}, false, false],
    ["filtering a table", { isFiltered: true }, false, true],
    ["an index without a range", { source: { kind: "index", name: "i", conditions: [] } }, true, true],
    ["an index range", { source: { kind: "index", name: "i", conditions: ["a=?"] }, isFiltered: true }, true, false],
    ["a search", { source: { kind: "search", name: "s", conditions: [] } }, true, false],
  ] as const)("%s scans: %o %s -> %s", (_name, shape, isWholeResult, expected) => {
    expect(scansTable({ ...tableShape("t"), ...shape }, isWholeResult)).toBe(expected);
  });

  it("takes conditions from whatever a callback returns", () => {
    expect(
      conditionsOf({ rangeExpressions: [{ type: "Eq", fieldPath: "a", value: "s3cr3t" }, { type: "New" }, null] }),
    ).toEqual(["a=?", "?", "?"]);
    for (const odd of [undefined, null, 1, {}, "text"]) expect(conditionsOf(odd)).toEqual([]);
  });
});
