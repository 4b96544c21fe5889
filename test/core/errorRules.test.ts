/** Errors that quote data, as spans have them: what a rule says in place of their message, and nothing of their stack's head. */
import { expect, it } from "vitest";
import { addMessageRule } from "../../src/core/errorRules.js";
import { describeError } from "../../src/core/errors.js";

class RefusedError extends Error {
  override readonly name = "RefusedError";
}

addMessageRule("test", (thrown) => (thrown instanceof RefusedError ? "the value is refused" : undefined));
addMessageRule("test", () => "a second rule of the same name");

it("describes an error by its rule, and its stack by its frames", () => {
  const described = describeError(new RefusedError("ann@example.com is refused\n    and at home, too"));
  expect(described).toMatchObject({ type: "RefusedError", name: "RefusedError", message: "the value is refused" });
  expect(described.stack).toMatch(/^RefusedError: the value is refused\n {4}at [^]*errorRules\.test\.ts/);
  expect(JSON.stringify(described)).not.toContain("ann@example.com");
});

it("describes one without frames without a stack", () => {
  const thrown = Object.assign(new RefusedError("secret"), { stack: "RefusedError: secret" });
  expect(describeError(thrown)).toEqual({
    type: "RefusedError",
    name: "RefusedError",
    message: "the value is refused",
    stack: undefined,
  });
});

it("leaves all others as they are", () => {
  expect(describeError(new TypeError("no function"))).toMatchObject({ type: "TypeError", message: "no function" });
});
