/** One line for anything that can be thrown. */
import vm from "node:vm";

import fc from "fast-check";
import { expect, test } from "vitest";

import { reasonOf } from "../../../src/cli/evaluate/reason.js";

class Hostile {
  get message(): string {
    throw new Error("no");
  }
}

test.each([
  [new TypeError("no\nstack"), "TypeError: no"],
  [vm.runInNewContext("new RangeError('elsewhere')"), "RangeError: elsewhere"],
  [{ message: "plain" }, "plain"],
  ["text", "text"],
  [undefined, "undefined"],
  [null, "null"],
  [7n, "7n"],
  [{ code: 1 }, "{ code: 1 }"],
  [new Hostile(), "something that cannot be printed"],
  ["x".repeat(300), `${"x".repeat(199)}…`],
])("%# is %s", (thrown: unknown, reason) => {
  expect(reasonOf(thrown)).toBe(reason);
});

test("never throws, and is one line", () => {
  fc.assert(
    fc.property(fc.anything({ withNullPrototype: true, withBigInt: true, withSparseArray: true }), (thrown) => {
      expect(reasonOf(thrown)).not.toContain("\n");
    }),
    { seed: 3, numRuns: 300 },
  );
});
