/**
 * The public surface: every name of every subpath, written out, so that a name appears, moves or vanishes on purpose
 * only; and that package.json and the build agree on what the subpaths are.
 */
import { resolve } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import manifest from "../package.json" with { type: "json" };
import { entries } from "../tsup.config.js";
import { publicNames } from "./publicNames.js";

const root = resolve(import.meta.dirname, "..");

interface PublicName {
  readonly name: string;
  readonly kind: "value" | "type";
  readonly documentation: string;
  readonly tags: readonly string[];
  readonly callable: boolean;
}

function describeSymbol(exported: ts.Symbol, checker: ts.TypeChecker): PublicName {
  const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
  return {
    name: exported.name,
    kind: symbol.flags & ts.SymbolFlags.Value ? "value" : "type",
    documentation: ts.displayPartsToString(symbol.getDocumentationComment(checker)),
    tags: symbol.getJsDocTags(checker).map((tag) => tag.name),
    callable: (symbol.flags & ts.SymbolFlags.Function) !== 0,
  };
}

function readPublicNames(): ReadonlyMap<string, readonly PublicName[]> {
  const config = ts.readConfigFile(resolve(root, "tsconfig.json"), (path) => ts.sys.readFile(path));
  const { options } = ts.parseJsonConfigFileContent({ ...config.config, include: [], files: [] }, ts.sys, root);
  const program = ts.createProgram(Object.values(entries), options, ts.createCompilerHost(options));
  const checker = program.getTypeChecker();
  return new Map(
    Object.entries(entries).map(([entry, file]) => {
      const module = checker.getSymbolAtLocation(program.getSourceFile(resolve(root, file)) ?? missing(file));
      const names = module ? checker.getExportsOfModule(module).map((symbol) => describeSymbol(symbol, checker)) : [];
      return [entry, names];
    }),
  );
}

function missing(file: string): never {
  throw new Error(`${file} is an entry of tsup.config.ts, but there is no such file`);
}

const surface = readPublicNames();

describe.each(Object.keys(entries))("names of %s", (entry) => {
  const names = surface.get(entry) ?? [];
  const named = (kind: PublicName["kind"]): string[] =>
    names
      .filter((name) => name.kind === kind)
      .map(({ name }) => name)
      .sort();

  test("values are the listed ones", () => {
    expect(named("value")).toEqual(publicNames[entry]?.values);
  });

  test("types are the listed ones", () => {
    expect(named("type")).toEqual(publicNames[entry]?.types);
  });

  test("each says what it is for", () => {
    expect(names.filter(({ documentation }) => documentation === "").map(({ name }) => name)).toEqual([]);
  });

  test("each function shows an example", () => {
    const silent = names.filter(({ callable, tags }) => callable && !tags.includes("example"));
    expect(silent.map(({ name }) => name)).toEqual([]);
  });
});

describe("package.json", () => {
  const subpaths = Object.keys(entries).map((entry) => (entry === "index" ? "." : `./${entry}`));

  test("exports exactly what is built", () => {
    const component = ["./convex.config", "./convex.config.js", "./_generated/component", "./_generated/component.js"];
    expect(Object.keys(manifest.exports)).toEqual([...subpaths, ...component, "./test", "./package.json"]);
  });

  test.each(["convex.config", "_generated/component"] as const)(
    "%s of the component, as Convex looks for it",
    (name) => {
      const files = { types: `./dist/component/${name}.d.ts`, default: `./dist/component/${name}.js` };
      expect([manifest.exports[`./${name}`], manifest.exports[`./${name}.js`]]).toEqual([files, files]);
    },
  );

  test.each(Object.keys(entries))("%s points at its own files, types first", (entry) => {
    const subpath = entry === "index" ? "." : `./${entry}`;
    // Convex's bundler takes the first condition it knows: the lazy build (tools/buildLazy.ts), of the same source.
    const convex = { types: `./dist/${entry}.d.ts`, default: `./dist/lazy/${entry}.js` };
    expect(JSON.stringify(Object.entries(manifest.exports).find(([key]) => key === subpath)?.[1])).toBe(
      JSON.stringify({
        ...(["index", "convex", "otlp"].includes(entry) ? { convex } : {}),
        import: { types: `./dist/${entry}.d.ts`, default: `./dist/${entry}.js` },
        require: { types: `./dist/${entry}.d.cts`, default: `./dist/${entry}.cjs` },
      }),
    );
  });

  test("needs no package at run time, and asks for others only where they are used", () => {
    expect(manifest).not.toHaveProperty("dependencies");
    const peers = Object.keys(manifest.peerDependencies);
    expect(manifest.peerDependenciesMeta).toEqual(Object.fromEntries(peers.map((name) => [name, { optional: true }])));
  });

  test("publishes the build, the source that tests of the component run on, and the papers, nothing else", () => {
    const source = ["component", "core", "logs", "otlp", "semconv", "test.ts"].map((part) => `src/${part}`);
    expect(manifest.files).toEqual(["dist", ...source, "CHANGELOG.md", "LICENSE", "README.md"]);
    expect(manifest.sideEffects).toBe(false);
  });
});
