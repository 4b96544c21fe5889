/** Anything can be thrown; nothing of the user's data may leave with it. */
import fc from "fast-check";
import { ConvexError } from "convex/values";
import { describe, expect, it } from "vitest";
import { describeError, withoutRejectedData } from "../../src/core/errors.js";

const validation = [
  "ArgumentValidationError: Object contains extra field `_otel` that is not in the validator.",
  "",
  'Object: {_otel: "x", card: "4242 4242 4242 4242",',
  ' nested: {secret: "hunter2"}}',
  "Validator: v.object({card: v.string()})",
].join("\n");

class CustomError extends Error {
  override name = "CustomError";
}

describe("describeError", () => {
  it.each([
    ["an Error", new Error("m"), { type: "Error", name: "Error", message: "m" }],
    ["a subclass", new CustomError("m"), { type: "CustomError", name: "CustomError", message: "m" }],
    ["a string", "text", { type: "string", name: "string", message: "text" }],
    ["a number", 42, { type: "number", name: "number", message: "42" }],
    ["undefined", undefined, { type: "undefined", message: "undefined" }],
    ["null", null, { type: "null", message: "null" }],
    ["a symbol", Symbol("s"), { type: "symbol", message: "Symbol(s)" }],
    ["an object", { message: "m" }, { type: "Object", message: "m" }],
    ["an object without a prototype", Object.create(null), { type: "Object", message: "" }],
    ["a name that is a sentence", Object.assign(new Error("m"), { name: "user 17 failed" }), { type: "_OTHER" }],
    [
      "an OCC failure",
      new Error('Documents read from or written to the "a" table changed while this mutation was being run'),
      { type: "occ_conflict" },
    ],
    ["a ConvexError with text", new ConvexError("no"), { type: "convex_error", message: "no", code: undefined }],
    [
      "a ConvexError with a code",
      new ConvexError({ code: "E1", message: "no", pin: 1 }),
      { message: "no", code: "E1" },
    ],
    ["a ConvexError with other data", new ConvexError({ pin: 1234 }), { message: "ConvexError", code: undefined }],
    ["a validation error", new Error(validation), { type: "argument_validation" }],
  ])("%s", (_name, thrown, expected) => {
    expect(describeError(thrown)).toMatchObject(expected);
  });

  it("reads the data of a ConvexError after Convex has made it JSON", () => {
    const error = new ConvexError({ code: "E1", message: "no", pin: 1234 });
    Object.assign(error, { data: JSON.stringify(error.data) });
    expect(describeError(error)).toMatchObject({ message: "no", code: "E1" });
  });

  it("keeps the data of a ConvexError out of the stack", () => {
    expect(JSON.stringify(describeError(new ConvexError({ code: "E1", pin: "1234-secret" })))).not.toContain(
      "1234-secret",
    );
  });

  it("survives a value that throws when it is read", () => {
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error("no");
        },
        has: () => {
          throw new Error("no");
        },
      },
    );
    expect(describeError(hostile).type).toBe("_OTHER");
  });

  it.each([
    [
      "JSON parsing failed: Text: my pin is 1234.\nError message: Unexpected token 'm'",
      "JSON parsing failed: Text: [removed]",
    ],
    ['Type validation failed: Value: {"pin":1234}.\nError message: [{}]', "Type validation failed: Value: [removed]"],
    [
      "Invalid input for tool t: JSON parsing failed: Text: 1234.",
      "Invalid input for tool t: JSON parsing failed: Text: [removed]",
    ],
    ["Validation failed", "Validation failed"],
    ["Text: 1234", "Text: 1234"],
  ])("cuts what a model said out of %j", (message, expected) => {
    const error = new Error(message);
    expect(describeError(error)).toMatchObject({ message: expected });
    expect(describeError(error).stack).toContain(`Error: ${expected}\n    at `);
  });

  it("cuts rejected data out of message and stack", () => {
    const { message, stack } = describeError(new Error(validation));
    for (const text of [message, stack]) {
      expect(text).not.toMatch(/4242|hunter2/);
      expect(text).toContain("Object: [removed]");
      expect(text).toContain("Validator: v.object({card: v.string()})");
    }
    expect(stack).toContain("at ");
  });

  it("cuts a value that does not match, too", () => {
    const message = 'Value does not match validator.\nPath: .card\nValue: "4242"\nValidator: v.number()';
    expect(withoutRejectedData(message)).toBe(
      "Value does not match validator.\nPath: .card\nValue: [removed]\nValidator: v.number()",
    );
  });

  it("leaves other messages alone", () => {
    expect(withoutRejectedData("Object: {a: 1}")).toBe("Object: {a: 1}");
  });

  it("never throws, and never changes what was thrown", () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withBigInt: true }), (thrown) => {
        const before = fc.stringify(thrown);
        expect(typeof describeError(thrown).message).toBe("string");
        expect(fc.stringify(thrown)).toBe(before);
      }),
      { seed: 7, numRuns: 500 },
    );
  });
});
