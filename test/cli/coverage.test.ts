/** Judging what an app registers, on exports made by hand. */
import { expect, test } from "vitest";

import { markInstrumented } from "../../src/adapters/convex/server/mark.js";
import { coverageOf } from "../../src/cli/coverage.js";
import type { EvaluatedModule } from "../../src/cli/evaluate/modules.js";

const stock = { isMutation: true, isPublic: true };
const traced = markInstrumented({ isMutation: true, isPublic: true });
const internalAction = { isAction: true, isInternal: true };

function evaluated(name: string, exports: Readonly<Record<string, unknown>>): EvaluatedModule {
  const module = { name, file: `${name}.js`, source: `/app/convex/${name}.ts`, environment: "isolate" as const };
  return { outcome: "evaluated", module, exports: new Map(Object.entries(exports)) };
}

function coverage(exports: Readonly<Record<string, unknown>>, uninstrumented?: readonly string[], name = "mod") {
  return coverageOf([evaluated(name, exports)], { uninstrumented, deliver: "otel:deliver" });
}

test.each([
  ["a query", { isQuery: true, isPublic: true }, ["notNeeded"]],
  ["a mutation", stock, ["missing"]],
  ["an action", internalAction, ["missing"]],
  ["a function of ours", traced, ["instrumented"]],
  ["properties that are inherited", Object.create(stock), []],
  ["a property that is not true", { isMutation: "true" }, []],
  ["an HTTP action, which is known by its route", { isHttp: true }, []],
  ["null", null, []],
  ["a string", "isMutation", []],
  ["a proxy that has everything", new Proxy({}, { get: () => true }), []],
])("%s", (_, value: unknown, statuses) => {
  expect(coverage({ value }).functions.map(({ status }) => status)).toEqual(statuses);
});

test.each([
  ["mod:value", "listed"],
  ["mod:*", "listed"],
  ["*", "listed"],
  ["mod:val*", "listed"],
  ["mod", "missing"],
  ["mod/*", "missing"],
  ["other:*", "missing"],
])("the pattern %j: %s", (pattern, status) => {
  expect(coverage({ value: stock }, [pattern]).functions[0]?.status).toBe(status);
});

test.each([
  ["no deliver, nothing instrumented", { value: stock }, "notNeeded"],
  ["no deliver", { value: traced }, "missing"],
  ["a public deliver", { value: traced, deliver: { isAction: true, isPublic: true } }, "missing"],
  ["a mutation called deliver", { value: traced, deliver: { isMutation: true, isInternal: true } }, "missing"],
  ["deliver", { value: traced, deliver: internalAction }, "found"],
])("%s", (_, exports, status) => {
  const { deliver, functions } = coverage(exports, undefined, "otel");
  expect(deliver.status).toBe(status);
  if (status === "found") expect(functions.every((entry) => entry.status === "instrumented")).toBe(true);
});

test("an exported list is taken from any module, and its strings only", () => {
  const modules = [evaluated("a", { uninstrumented: ["x:*", 7] }), evaluated("b", { uninstrumented: ["y:*"] })];
  expect(coverageOf(modules, { deliver: "otel:deliver" }).uninstrumented).toEqual(["x:*", "y:*"]);
});

test.each([
  ["no list", { uninstrumented: "mod:*" }],
  ["no router", { default: {} }],
  ["a router that throws", { default: { getRoutes: () => expect.fail("routes") } }],
  ["a router without routes", { default: { getRoutes: () => 7 } }],
  ["a router with odd routes", { default: { getRoutes: () => [7] } }],
])("%s", (_, exports) => {
  expect(coverage(exports, undefined, "http")).toMatchObject({ uninstrumented: [], routes: [], functions: [] });
});
