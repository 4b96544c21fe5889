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

it("the generated types have the component and the variables of convex.config.ts", () => {
  const read = (file: string): string => readFileSync(`examples/relayflow/convex/${file}`, "utf8");
  const config = read("convex.config.ts");
  const installed = [...config.matchAll(/^import (\w+) from "(.+)\/convex\.config";$/gm)];
  const expected = installed.map(([, name, from]) => {
    expect(config).toContain(`app.use(${name}, `);
    return `  ${name}: import("${from}/_generated/component.js").ComponentApi<"${name}">;\n`;
  });
  expect(expected).toHaveLength(1);
  expect(read("_generated/api.d.ts")).toContain(`export declare const components: {\n${expected.join("")}};`);
  const declared = [...config.matchAll(/^ {4}(\w+): v\.optional\(v\.string\(\)\),$/gm)].map(([, name]) => name);
  const types = [...read("_generated/server.d.ts").matchAll(/^ {2}readonly (\w+): string \| undefined;$/gm)];
  expect(types.map(([, name]) => name)).toEqual(declared);
});
