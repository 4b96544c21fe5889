/** What a push rejects in validators: see the sources at the rules themselves. */
import { actionGeneric } from "convex/server";
import { v, type PropertyValidators, type Validator } from "convex/values";
import { describe, expect, it } from "vitest";
import { strictConvex } from "../../../src/testing/strict/index.js";
import { argsProblem, returnsProblem } from "../../../src/testing/strict/validatorRules.js";
import { fixture } from "./rules.js";

function argsJson(args: PropertyValidators | Validator<unknown, "required", string>): string {
  const registered = actionGeneric({ args: args as PropertyValidators, handler: () => null });
  return String(Reflect.apply(Reflect.get(registered, "exportArgs"), registered, []));
}

describe("arguments", () => {
  it.each([
    ["names of all kinds that are allowed", { a: v.string(), _otel: v.any(), B_2: v.optional(v.number()) }],
    ["objects in objects", { a: v.object({ b: v.array(v.object({ c: v.id("notes") })) }) }],
    ["unions, records, literals", { a: v.union(v.literal("x-y"), v.record(v.string(), v.int64())), b: v.null() }],
    ["a name of 64 characters", { ["a".repeat(64)]: v.any() }],
  ])("may be %s", (_, args) => {
    expect(argsProblem(argsJson(args))).toBeUndefined();
  });

  it("may be anything", () => {
    expect(argsProblem('{"type":"any"}')).toBeUndefined();
  });

  it("must be an object otherwise", () => {
    expect(argsProblem('{"type":"union","value":[]}')).toBe("Args validator must be an object or any");
  });

  it.each([
    ["trace-parent", /^Identifier trace-parent is invalid/],
    ["1a", /^Identifier 1a is invalid/],
    ["größe", /^Identifier größe is invalid/],
    ["", /^Identifier {2}is invalid/],
    ["a".repeat(65), /^Identifier is too long \(65 > maximum 64\)/],
    ["__", /^Identifier __ cannot have exclusively underscores/],
  ])("have no field %j, at any depth", (name, reason) => {
    const object = v.object({ [name]: v.string() });
    expect(argsProblem(argsJson({ [name]: v.any() }))).toMatch(reason);
    expect(argsProblem(argsJson({ a: v.optional(v.array(object)) }))).toMatch(reason);
    expect(argsProblem(argsJson({ a: v.union(v.null(), v.object({ b: object })) }))).toMatch(reason);
    expect(argsProblem(argsJson({ a: v.record(v.string(), object) }))).toMatch(reason);
    expect(returnsProblem(JSON.stringify({ type: "array", value: JSON.parse(argsJson({ [name]: v.any() })) }))).toMatch(
      reason,
    );
  });
});

describe("an app with such a validator", () => {
  it("cannot be deployed", async () => {
    await expect(strictConvex({ dir: fixture("wrongValidator") })).rejects.toThrow(
      "tasks:add: Identifier trace-parent is invalid.",
    );
  });
});
