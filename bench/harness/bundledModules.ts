/**
 * Loads code the way Convex runs it: bundled with Convex's own esbuild settings. Both sides of every comparison go
 * through it, so neither pays for a test runner's transformations and both pay for what Convex's bundler adds
 * (`keepNames`).
 */
import { posix, resolve } from "node:path";
import { Script } from "node:vm";
import { bundleConvex, type ConvexBundle } from "../../src/testing/convexBundle.js";
import { loadConvexEsbuild } from "../../src/testing/convexEsbuild.js";
import { staticImports } from "./staticImports.js";

const benchFolder = resolve(import.meta.dirname, "..");

/** One file of a bundle. */
export interface Chunk {
  /** Its text as the body of a CommonJS function, since Node.js runs ES modules in contexts only behind a flag. */
  readonly source: string;
  /** The same, compiled. */
  readonly script: Script;
}

/** A bundled folder of modules. */
export interface BundledModules {
  /** The files as Convex would deploy them. */
  readonly bundle: ConvexBundle;
  /** Evaluates a module and what it imports, with `run` making a function of each chunk. */
  load(module: string, run: (chunk: Chunk) => unknown): object;
  /** Bytes of a module and of what it imports statically, as Convex would deploy them. */
  bytes(module: string): number;
}

/** Bundles a folder of `bench/`, and compiles its files. */
export async function bundleModules(folder: string): Promise<BundledModules> {
  const bundle = await bundleConvex(resolve(benchFolder, folder));
  const chunks = await compile(bundle);
  const evaluateModule = (module: string, run: (chunk: Chunk) => unknown) =>
    evaluate(`${module}.js`, (file) => run(get(chunks, file)));
  return { bundle, load: evaluateModule, bytes: (module) => staticBytes(bundle, `${module}.js`) };
}

/** Loads the one module of a folder of `bench/cases` into this realm. */
export async function loadCase(name: string): Promise<object> {
  const modules = await bundleModules(`cases/${name}`);
  return modules.load(name, ({ script }) => script.runInThisContext());
}

async function compile({ files }: ConvexBundle): Promise<Map<string, Chunk>> {
  const esbuild = loadConvexEsbuild(benchFolder);
  const chunks = new Map<string, Chunk>();
  for (const [file, text] of files) {
    const { code } = await esbuild.transform(text, { format: "cjs", target: "esnext" });
    const source = `(function (exports, require, module) {"use strict";${code}\n})`;
    chunks.set(file, { source, script: new Script(source, { filename: file }) });
  }
  return chunks;
}

type ModuleBody = (exports: object, require: (specifier: string) => object, module: { exports: object }) => void;

/** A CommonJS loader over the files of a bundle. */
function evaluate(entry: string, bodyOf: (file: string) => unknown): object {
  const loaded = new Map<string, { exports: object }>();
  const load = (file: string): object => {
    const known = loaded.get(file);
    if (known !== undefined) return known.exports;
    const module = { exports: {} };
    loaded.set(file, module);
    const body = bodyOf(file) as ModuleBody;
    body(module.exports, (specifier) => load(posix.join(posix.dirname(file), specifier)), module);
    return module.exports;
  };
  return load(entry);
}

function staticBytes({ files }: ConvexBundle, entry: string): number {
  return staticImports(files, entry).reduce((sum, file) => sum + Buffer.byteLength(get(files, file)), 0);
}

function get<T>(map: ReadonlyMap<string, T>, key: string): T {
  const value = map.get(key);
  if (value === undefined) throw new Error(`The bundle has no file ${key}.`);
  return value;
}
