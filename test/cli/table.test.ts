/** Columns of text. */
import { expect, test } from "vitest";

import { table } from "../../src/cli/table.js";

test.each([
  [[], ""],
  [[["a"]], "  a"],
  [
    [
      ["name", "count"],
      ["a", "7"],
      ["longer", "12"],
    ],
    "  name    count\n  a           7\n  longer     12",
  ],
  [[["a", "one"], ["longer", ""], ["b"]], "  a       one\n  longer\n  b"],
])("%j", (rows, text) => {
  expect(table(rows, "  ")).toBe(text);
});
