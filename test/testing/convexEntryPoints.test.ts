/** Which files become modules, and where they run. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { convexEntryPoints } from "../../src/testing/convexEntryPoints.js";
import { hasUseNodeDirective } from "../../src/testing/useNodeDirective.js";

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), "entry-points-"));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

function entryPoints(files: Readonly<Record<string, string>>): string[] {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(dir, file)), { recursive: true });
    writeFileSync(path.join(dir, file), text);
  }
  return convexEntryPoints(dir).map(({ name, environment }) => `${name} ${environment}`);
}

const MODULE = "export const a = 1;";

describe("entry points", () => {
  test.each(["js", "mjs", "cjs", "ts", "tsx", "mts", "cts", "jsx"])("a .%s file is one", (extension) => {
    expect(entryPoints({ [`dir/mod.${extension}`]: MODULE })).toEqual(["dir/mod isolate"]);
  });

  test.each([
    "_generated/api.js",
    "schema.ts",
    "schema.js",
    "dir/schema.ts",
    "convex.config.ts",
    "auth.config.ts",
    "mod.test.ts",
    ".hidden.ts",
    "#mod.ts",
    "my mod.ts",
    "my dir/mod.ts",
    "readme.md",
    "data.json",
    "mod.TS",
  ])("%s is none", (file) => {
    expect(entryPoints({ [file]: MODULE })).toEqual([]);
  });

  test("folders of components are not part of the app", () => {
    const files = { "widget/convex.config.ts": "", "widget/deep/lib.ts": MODULE, "other/convex.config.js": "" };
    expect(entryPoints({ ...files, "other/lib.ts": MODULE })).toEqual(["other/lib isolate"]);
  });

  test("scripts in TypeScript are left out, scripts in JavaScript are not", () => {
    const files = { "a.ts": "const a = 1;", "b.ts": "  import 'x';", "c.js": "const c = 1;", "d.mts": "const d = 1;" };
    expect(entryPoints(files)).toEqual(["b isolate", "c isolate", "d isolate"]);
  });

  test("the order does not depend on the machine's language", () => {
    expect(entryPoints({ "ä.js": "", "b.js": "", "B.js": "", "a/z.js": "", "a.js": "" })).toEqual(
      ["B", "a/z", "a", "b", "ä"].map((name) => `${name} isolate`),
    );
  });

  test.each([
    ["_deps/mod.ts", MODULE, '_deps/mod.ts is in "_deps", which Convex reserves'],
    ["http.ts", `"use node";\n${MODULE}`, '"use node" is not allowed in http.ts'],
    ["crons.js", `"use node";\n${MODULE}`, '"use node" is not allowed in crons.js'],
    ["actions/send.ts", MODULE, 'actions/send.ts is in "actions/" and needs "use node"'],
  ])("%s is refused", (file, text, message) => {
    expect(() => entryPoints({ [file]: text })).toThrow(message);
  });
});

describe('"use node"', () => {
  test.each([
    ['"use node";', true],
    ["'use node'", true],
    ['\uFEFF"use node";', true],
    ['"use node"\nimport x from "x"', true],
    ['#!/usr/bin/env node\n// a comment\n/* another */ "use strict"; "use node";', true],
    ['"use node" // why', true],
    ['"use node" /* why */;', true],
    ['const a = "use node";', false],
    ['import x from "x";\n"use node";', false],
    ['("use node");', false],
    ['"use node".length;', false],
    ['"use node" + 1;', false],
    ["// use node", false],
    ['/* "use node" */', false],
    ['"use\\x20node";', false],
    ["`use node`;", false],
    ['"unterminated\n"use node"', false],
  ])("%j: %s", (text, expected) => {
    expect(hasUseNodeDirective(text)).toBe(expected);
  });

  const trivia = fc.constantFrom("", " ", "\n", "\r\n", "// use node\n", "/* 'use node'; */", "\t");
  const directive = fc.constantFrom('"use strict";', "'use client'\n", '"a \\" b";', "'';");
  const prologue = fc.array(fc.oneof(trivia, directive)).map((parts) => parts.join(""));

  test("is found after any comments and directives, and not after code", () => {
    fc.assert(
      fc.property(prologue, prologue, (before, after) => {
        expect(hasUseNodeDirective(`${before}"use node";${after}`)).toBe(true);
        expect(hasUseNodeDirective(`${before}f();${after}"use node";`)).toBe(false);
      }),
      { seed: 7, numRuns: 200 },
    );
  });

  test("never throws and always ends", () => {
    const pieces = fc.constantFrom('"', "'", "\\", "/*", "*/", "//", "\n", "use node", ";", " ", "#!");
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
        expect(typeof hasUseNodeDirective(parts.join(""))).toBe("boolean");
      }),
      { seed: 7, numRuns: 500 },
    );
  });
});
