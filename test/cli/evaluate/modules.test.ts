/** Modules that misbehave when they are evaluated: contained, and named with the reason. */
import { existsSync } from "node:fs";

import { beforeAll, describe, expect, test } from "vitest";

import { compileScripts } from "../../../src/cli/evaluate/scripts.js";
import { type EvaluatedModule, evaluateModules } from "../../../src/cli/evaluate/modules.js";
import { readProject } from "../../../src/cli/project.js";
import { bundleConvex } from "../../../src/testing/convexBundle.js";
import { loadConvexEsbuild } from "../../../src/testing/convexEsbuild.js";

import { fixture } from "../runCheck.js";

async function evaluate(app: string, timeoutMs?: number): Promise<ReadonlyMap<string, EvaluatedModule>> {
  const { functionsDir, external } = readProject(fixture(app));
  const bundle = await bundleConvex(functionsDir, { external });
  const scripts = await compileScripts(bundle, loadConvexEsbuild(functionsDir));
  const options = timeoutMs === undefined ? { external } : { external, timeoutMs };
  const modules = await evaluateModules(bundle, scripts, options);
  return new Map(modules.map((module) => [module.module.name, module]));
}

describe("modules that misbehave", () => {
  let modules: ReadonlyMap<string, EvaluatedModule>;
  beforeAll(async () => {
    modules = await evaluate("hostile");
  });

  test.each([
    ["connects", "Error: net.connect is not available while modules are evaluated for a check"],
    ["escapes", "Error: http.createServer is not available while modules are evaluated for a check"],
    ["exits", "Error: process.exit is not available while modules are evaluated for a check"],
    ["spawns", "Error: child_process.execSync is not available while modules are evaluated for a check"],
    ["writes", "Error: fs.writeFileSync is not available while modules are evaluated for a check"],
    ["thrown", "{ toString: null, code: 7 }"],
    ["top", 'SyntaxError: Top-level await is currently not supported with the "cjs" output format'],
  ])("%s is skipped, with the reason", (name, reason) => {
    expect(modules.get(name)).toMatchObject({ outcome: "failed", reason });
  });

  test("nothing was written", () => {
    expect(existsSync("/tmp/convex-otel-check-was-here")).toBe(false);
  });

  test.each(["environment", "external", "network"])("%s is evaluated all the same", (name) => {
    const module = modules.get(name);
    expect(module?.outcome === "evaluated" && [...module.exports.keys()]).toContain("run");
  });

  test("there are no sockets to open", () => {
    const module = modules.get("network");
    const sockets = module?.outcome === "evaluated" ? module.exports.get("sockets") : undefined;
    expect(sockets).toBe("undefined,undefined,undefined");
  });
});

test("a module that does not end is stopped", async () => {
  const modules = await evaluate("endless", 50);
  expect(modules.get("endless")).toMatchObject({
    outcome: "failed",
    reason: "Error: Script execution timed out after 50ms",
  });
});
