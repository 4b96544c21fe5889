/** With our builders an app compiles as with Convex's own: the same errors, at the same places. */
import { beforeAll, describe, expect, test } from "vitest";

import { announcedErrors, type CompileError, compileErrors, readApp } from "./compileApp.js";
import { callGraph } from "./callGraph.js";

describe("an app that uses builders in every way", () => {
  const app = readApp("app");
  let stock: readonly CompileError[];
  let traced: readonly CompileError[];
  beforeAll(() => {
    stock = compileErrors(app, "stock");
    traced = compileErrors(app, "traced");
  }, 60_000);

  test("has the errors that its comments announce", () => {
    expect(traced.map(({ line }) => line).sort()).toEqual(announcedErrors(app).sort());
  });

  test("has the same errors with stock builders", () => {
    expect(places(traced)).toEqual(places(stock));
  });
});

describe("call graphs without annotations", { timeout: 60_000 }, () => {
  test.each([1, 2, 3])("graph %i has the same errors", (seed) => {
    const graph = callGraph(seed);
    const stock = places(compileErrors(graph, "stock"));
    expect(stock.length).toBeGreaterThan(0);
    expect(places(compileErrors(graph, "traced"))).toEqual(stock);
  });
});

function places(errors: readonly CompileError[]): string[] {
  return errors.map(({ at, code }) => `${at} TS${code}`);
}
