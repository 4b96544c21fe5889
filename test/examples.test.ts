/**
 * The examples in documentation comments, and in the pages that are about code, compile: each as a file of its own, as a user would paste it into a Convex app
 * that has the functions the examples call.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const root = resolve(import.meta.dirname, "..");
const app = join(root, "examples/relayflow/convex");

interface Example {
  /** Where it stands: `src/core/api.ts:25`. */
  readonly place: string;
  readonly code: string;
}

function sourceFiles(): string[] {
  const names = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" });
  return names.filter((name) => name.endsWith(".ts")).map((name) => join(root, "src", name));
}

/** The `ts` blocks of documentation comments, without the stars. */
function examplesIn(file: string): Example[] {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(/^( *)\* ```ts\n([\s\S]*?)^\1\* ```$/gm)].map(({ 2: block = "", index }) => ({
    place: `${relative(root, file)}:${text.slice(0, index).split("\n").length}`,
    code: block.replace(/^ *\* ?/gm, ""),
  }));
}

/** Pages whose `ts` blocks are whole files. */
const pages = ["docs/http.md", "docs/node.md", "docs/strict-runtime.md"];

/** The `ts` blocks of a page. */
function examplesOn(page: string): Example[] {
  const text = readFileSync(join(root, page), "utf8");
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(({ 1: code = "", index }) => ({
    place: `${page}:${text.slice(0, index).split("\n").length}`,
    code,
  }));
}

/** Type checks the examples together, each under a name of its own beside the example app's `_generated`. */
function errorsIn(examples: readonly Example[]): string[] {
  const files = new Map(examples.map((example, i) => [join(app, `example${i}.ts`), example]));
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    moduleDetection: ts.ModuleDetectionKind.Force,
    types: ["node"],
    lib: ["lib.es2023.d.ts", "lib.dom.d.ts", "lib.dom.iterable.d.ts"],
    paths: {
      "convex-otel": [join(root, "src/index.ts")],
      "convex-otel/convex": [join(root, "src/adapters/convex/server/index.ts")],
      "convex-otel/http": [join(root, "src/adapters/http/index.ts")],
      "convex-otel/cache": [join(root, "src/adapters/cache/index.ts")],
      "convex-otel/sql": [join(root, "src/adapters/sql/index.ts")],
      "convex-otel/*": [join(root, "src/*/index.ts")],
    },
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.getSourceFile = (name, languageVersion, ...rest) => {
    const example = files.get(name);
    if (example === undefined) return getSourceFile(name, languageVersion, ...rest);
    return ts.createSourceFile(name, example.code, languageVersion);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return [...files].flatMap(([name, { place }]) =>
    ts.getPreEmitDiagnostics(program, program.getSourceFile(name)).map(({ messageText }) => {
      return `${place}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
    }),
  );
}

describe("examples in documentation", () => {
  const examples = [...sourceFiles().flatMap(examplesIn), ...pages.flatMap(examplesOn)];

  it("are found", () => {
    expect(examples.length).toBeGreaterThan(25);
    expect(pages.flatMap(examplesOn)).toHaveLength(13);
  });

  it("compile", () => {
    expect(errorsIn(examples)).toEqual([]);
  }, 60_000);

  it("would be reported if they did not", () => {
    const errors = errorsIn([{ place: "here:1", code: 'import { withSpam } from "convex-otel";\nwithSpam();' }]);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toMatch(/^here:1: .*has no exported member.*withSpam/);
  }, 60_000);
});
