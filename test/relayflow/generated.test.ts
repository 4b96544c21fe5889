/** `_generated` is committed, as Convex advises; it must be what `npx convex dev` would write for these files. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { convexEntryPoints } from "../../src/testing/convexEntryPoints.js";

it("the generated api names every module of the app", () => {
  const api = readFileSync("examples/relayflow/convex/_generated/api.d.ts", "utf8");
  const imported = [...api.matchAll(/^import type \* as \w+ from "\.\.\/(.+)\.js";$/gm)].map(([, path]) => path);
  const modules = convexEntryPoints("examples/relayflow/convex").map(({ name }) => name);
  expect(imported.sort()).toEqual(modules.sort());
  for (const name of modules) expect(api).toMatch(new RegExp(`^  "?${name}"?: typeof \\w+;$`, "m"));
});
