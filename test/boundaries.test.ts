/**
 * The lint rules that keep imports pointing one way and side effects behind ports, fed with code that breaks them. A
 * rule that silently stopped working would look like a clean project.
 */
import { readdirSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { ESLint, type Linter } from "eslint";
import tseslint from "typescript-eslint";
import { beforeAll, describe, expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..");

/** The files of `otlp` that adapters may import: none of them sends anything. */
const otlpFiles = ["otlp/encode", "otlp/split", "otlp/retry", "otlp/resourceFromEnv"];

/** The parts of one adapter: what reads statements, what sits in drivers, and what becomes of plans. */
const sql = ["adapters/sql", "adapters/sql/drivers", "adapters/sql/plans"];

const adapters = ["adapters/convex/server", "adapters/cache", "adapters/http", ...sql];

/** What each part of the library may import. Spelled out here a second time on purpose. */
const mayImport: Record<string, readonly string[]> = {
  semconv: [],
  core: ["semconv"],
  propagation: ["core", "semconv"],
  logs: ["core", "semconv"],
  otlp: ["core", "semconv", "logs"],
  "adapters/convex/server": ["core", "propagation", "semconv", "logs", ...otlpFiles],
  "adapters/http": ["core", "propagation", "semconv"],
  ...Object.fromEntries(sql.map((part) => [part, ["core", "semconv", ...sql]])),
  "adapters/cache": ["core", "semconv"],
  component: ["core", "semconv", "otlp", ...otlpFiles],
  node: ["core", "propagation", "semconv", "logs", "otlp", ...otlpFiles],
  testing: ["semconv", "core", "propagation", "logs", "otlp", ...otlpFiles, ...adapters],
  cli: ["semconv", "core", "propagation", "logs", "otlp", ...otlpFiles, ...adapters, "testing", "index"],
  index: ["core", "propagation", "logs"],
};

const targets = [...Object.keys(mayImport), ...otlpFiles];

/** The file an import of `part` names: the folder's `anything.ts`, or the file itself. */
function fileOf(part: string): string {
  return part === "index" || otlpFiles.includes(part) ? `src/${part}.ts` : `src/${part}/anything.ts`;
}

/** Resolves by text alone, so that the table can be tested for files nobody has written. */
const textResolver = {
  interfaceVersion: 3,
  name: "text",
  resolve: (specifier: string, importer: string) =>
    specifier.startsWith(".")
      ? { found: true, path: resolve(dirname(importer), specifier.replace(/\.js$/, ".ts")) }
      : { found: false },
};

const withoutTypes = tseslint.configs.disableTypeChecked as Linter.Config;
let linter: ESLint;
let fileSystemLinter: ESLint;

beforeAll(() => {
  const overrideConfig = [withoutTypes, { settings: { "import-x/resolver-next": [textResolver] } }];
  linter = new ESLint({ cwd: root, overrideConfig });
  fileSystemLinter = new ESLint({ cwd: root, overrideConfig: withoutTypes });
});

async function rulesBroken(file: string, code: string, eslint = linter): Promise<string[]> {
  const [result] = await eslint.lintText(code, { filePath: resolve(root, file) });
  return (result?.messages ?? []).map((message) => message.ruleId ?? message.message);
}

function importFrom(from: string, to: string): string {
  const path = relative(dirname(fileOf(from)), fileOf(to)).replace(/\.ts$/, ".js");
  return path.startsWith(".") ? path : `./${path}`;
}

describe("import direction", () => {
  const pairs = Object.keys(mayImport).flatMap((from) =>
    targets.filter((to) => to !== from && !(from === "otlp" && otlpFiles.includes(to))).map((to) => ({ from, to })),
  );
  const forbidden = pairs.filter(({ from, to }) => !mayImport[from]?.includes(to));
  const allowed = pairs.filter(({ from, to }) => mayImport[from]?.includes(to));

  test.each(forbidden)("$from must not import $to", async ({ from, to }) => {
    const specifier = importFrom(from, to);
    const rules = await rulesBroken(fileOf(from), `import { thing } from "${specifier}";\nthing();\n`);
    expect(rules).toEqual(["import-x/no-restricted-paths"]);
  });

  test.each(allowed)("$from may import $to", async ({ from, to }) => {
    const specifier = importFrom(from, to);
    expect(await rulesBroken(fileOf(from), `import { thing } from "${specifier}";\nthing();\n`)).toEqual([]);
  });

  test.each([
    ["type import", `import type { A } from "../otlp/batch.js";\nexport type B = A;`],
    ["re-export", `export { a } from "../otlp/batch.js";`],
    ["dynamic import", `export const load = (): Promise<unknown> => import("../otlp/batch.js");`],
    ["side effect import", `import "../otlp/batch.js";`],
  ])("holds for a %s", async (_form, code) => {
    expect(await rulesBroken("src/core/anything.ts", code)).toEqual(["import-x/no-restricted-paths"]);
  });

  test("adapters reach the encoder of otlp, and nothing else of it", async () => {
    const file = "src/adapters/convex/server/anything.ts";
    const encode = `import { a } from "../../../otlp/encode.js";\na();`;
    const transport = `export const a = (): Promise<unknown> => import("../../../otlp/transport.js");`;
    expect(await rulesBroken(file, encode)).toEqual([]);
    expect(await rulesBroken(file, transport)).toEqual(["import-x/no-restricted-paths"]);
  });

  test("works with the resolver that the project uses", async () => {
    const code = `import type { Span } from "../core/types.js";\nexport type Alias = Span;`;
    expect(await rulesBroken("src/semconv/attributes.ts", code, fileSystemLinter)).toEqual([
      "import-x/no-restricted-paths",
    ]);
  });

  test("every folder of src has its row", () => {
    const folders = readdirSync(resolve(root, "src"), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== "adapters")
      .map((entry) => entry.name);
    expect(Object.keys(mayImport)).toEqual(expect.arrayContaining(folders));
  });

  test("every adapter has its row", () => {
    const adapters = readdirSync(resolve(root, "src/adapters"), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(resolve(root, "src"), entry.parentPath).split("/").slice(0, 3).join("/"));
    expect(Object.keys(mayImport)).toEqual(expect.arrayContaining([...new Set(adapters)]));
  });
});

describe("ports", () => {
  const pureFiles = [
    "src/core/anything.ts",
    "src/propagation/anything.ts",
    "src/semconv/anything.ts",
    "src/logs/anything.ts",
    "src/otlp/encode.ts",
    "src/adapters/sql/anything.ts",
  ];
  const outside = [
    ["console.log(1);", "no-restricted-globals"],
    ["process.exit();", "no-restricted-globals"],
    ["performance.now();", "no-restricted-globals"],
    ["setTimeout(f, 1);", "no-restricted-globals"],
    ["setInterval(f, 1);", "no-restricted-globals"],
    ["fetch(f);", "no-restricted-globals"],
    ["crypto.randomUUID();", "no-restricted-globals"],
    ["Buffer.from(f);", "no-restricted-globals"],
    ["globalThis.process.exit();", "no-restricted-properties"],
    ["globalThis.performance.now();", "no-restricted-properties"],
    ["Date.now();", "no-restricted-properties"],
    ["Math.random();", "no-restricted-properties"],
    ["new Date();", "no-restricted-syntax"],
    ["Date();", "no-restricted-syntax"],
    [`import "node:fs";`, "no-restricted-imports"],
    [`import "fs";`, "no-restricted-imports"],
    [`import "convex/server";`, "no-restricted-imports"],
    [`import "@opentelemetry/api";`, "no-restricted-imports"],
  ];

  describe.each(pureFiles)("%s", (file) => {
    test.each(outside)("must not hold %s", async (code, rule) => {
      expect(await rulesBroken(file, code)).toEqual([rule]);
    });

    test.each(["isDate(value instanceof Date);", "Math.floor(1.5);", "new Date(0).toISOString();"])(
      "may hold %s",
      async (code) => {
        expect(await rulesBroken(file, code)).toEqual([]);
      },
    );
  });

  test.each([
    ["src/adapters/convex/server/anything.ts", `import "node:async_hooks";`, ["no-restricted-imports"]],
    ["src/adapters/convex/server/anything.ts", `import "convex/server";`, []],
    ["src/adapters/http/anything.ts", `import "node:http";`, ["no-restricted-imports"]],
    ["src/adapters/http/anything.ts", `import "express";`, ["no-restricted-imports"]],
    ["src/adapters/cache/anything.ts", `import "node:crypto";`, ["no-restricted-imports"]],
    ["src/otlp/transport.ts", `import "node:https";`, ["no-restricted-imports"]],
    ["src/index.ts", `import "convex-otel/otlp";`, ["no-restricted-imports"]],
    ["src/testing/anything.ts", `import "node:http";`, []],
  ])("%s with %s", async (file, code, rules) => {
    expect(await rulesBroken(file, code)).toEqual(rules);
  });
});

describe("library code", () => {
  test.each([
    ["an `any`", "export type A = any;", "@typescript-eslint/no-explicit-any"],
    ["a double cast", "export const a = 1 as unknown as string;", "no-restricted-syntax"],
    ["a wildcard export", `export * from "./other.js";`, "no-restricted-syntax"],
    ["a default export", "export default 1;", "no-restricted-syntax"],
    ["an unfinished note", ["// to", "do later"].join(""), "no-warning-comments"],
  ])("must not hold %s", async (_what, code, rule) => {
    expect(await rulesBroken("src/core/anything.ts", code)).toEqual([rule]);
  });

  test("cannot switch a rule off from inside", async () => {
    const broken = await rulesBroken("src/core/anything.ts", "/* eslint-disable */\nconsole.log(1);");
    expect(broken).toContain("no-restricted-globals");
  });

  test.each(["@typescript-eslint/no-floating-promises", "import-x/no-cycle"])("%s is an error", async (rule) => {
    const config = (await new ESLint({ cwd: root }).calculateConfigForFile(
      resolve(root, "src/core/types.ts"),
    )) as Linter.Config;
    expect(config.rules?.[rule]).toEqual(expect.arrayContaining([2]));
  });
});
