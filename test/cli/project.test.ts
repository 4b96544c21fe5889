/** Where an app keeps its functions, by `convex.json` and `package.json`. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, expect, test } from "vitest";

import { UsageError } from "../../src/cli/io.js";
import { type Project, readProject } from "../../src/cli/project.js";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), "project-"));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

function project(folder: string, files: Readonly<Record<string, string>>): Project {
  mkdirSync(path.join(dir, folder), { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(path.join(dir, file), text);
  return readProject(dir);
}

test.each([
  ["convex", {}],
  ["backend/fns", { "convex.json": '{ "functions": "backend/fns/" }' }],
  ["convex", { "convex.json": "{}" }],
  ["src/convex", { "package.json": '{ "dependencies": { "react-scripts": "5" } }' }],
])("functions are in %s, given %j", (folder, files) => {
  expect(project(folder, files)).toEqual({ functionsDir: path.join(dir, folder), external: [] });
});

const MANIFEST = `{
  "dependencies": { "convex": "1", "sharp": "1", "convex-otel": "1" },
  "devDependencies": { "vitest": "4", "convex-helpers": "1" }
}`;

test.each([
  ['{ "node": { "externalPackages": ["sharp", "convex-otel"] } }', ["sharp"]],
  ['{ "node": { "externalPackages": ["*"] } }', ["sharp", "vitest"]],
  ['{ "node": { "externalPackages": "sharp" } }', []],
  ['{ "node": null }', []],
])("%s leaves out %j", (config, external) => {
  expect(project("convex", { "convex.json": config, "package.json": MANIFEST }).external).toEqual(external);
});

test.each([
  ["{ functions }", /^Cannot read .*convex\.json: /],
  ['{ "functions": 1 }', '"functions" in convex.json is not a path.'],
  ['{ "functions": "elsewhere" }', /^There are no Convex functions in .*elsewhere\.$/],
])("%s is a usage error", (config, message) => {
  expect(() => project("convex", { "convex.json": config })).toThrow(UsageError);
  expect(() => project("convex", { "convex.json": config })).toThrow(message);
});
