/**
 * Runs the files of a bundle as Convex does: as ES modules, in a fresh V8 context, with the code cache that V8 makes when
 * a module has just been compiled (`crates/isolate/src/execution_scope.rs` of get-convex/convex-backend).
 *
 * Needs Node's flag `--experimental-vm-modules`, which `npm run bench` sets.
 */
import { posix } from "node:path";
import { type Context, type Module, SourceTextModule } from "node:vm";
import type { ConvexBundle } from "../../src/testing/convexBundle.js";
import { freshContext } from "./freshContext.js";
import { staticImports } from "./staticImports.js";

/** A module that is compiled and linked with its imports, none of which has run. */
export interface ReadyModule {
  /** Milliseconds that compiling took, of all files together. Linking is left out: Node.js does it in JavaScript. */
  readonly compileTime: number;
  readonly context: Context;
  /** Runs the module, and what it imports before it. */
  evaluate(): Promise<object>;
}

/** Compiles a module of a bundle and all that it imports in a new context. */
export async function readyModule({ files }: ConvexBundle, entry: string): Promise<ReadyModule> {
  const context = freshContext();
  const modules = new Map<string, SourceTextModule>();
  let compileTime = 0;
  const compile = (file: string): SourceTextModule => {
    const known = modules.get(file);
    if (known !== undefined) return known;
    const text = files.get(file);
    if (text === undefined) throw new Error(`The bundle has no file ${file}.`);
    const cachedData = codeCache(text);
    const start = performance.now();
    const module = new SourceTextModule(text, { context, cachedData, identifier: file, importModuleDynamically });
    compileTime += performance.now() - start;
    modules.set(file, module);
    return module;
  };
  const resolveIn = (specifier: string, from: string) => compile(posix.join(posix.dirname(from), specifier));
  const link = (module: SourceTextModule) =>
    module.link((specifier, importer) => resolveIn(specifier, importer.identifier));
  const importModuleDynamically = async (specifier: string, importer: object): Promise<Module> => {
    const module = resolveIn(specifier, (importer as Module).identifier);
    if (module.status === "unlinked") await link(module);
    if (module.status === "linked") await module.evaluate();
    return module;
  };
  for (const file of staticImports(files, entry)) compile(file);
  const main = compile(entry);
  await link(main);
  keep(modules);
  const evaluate = async () => {
    await main.evaluate();
    return main.namespace;
  };
  return { compileTime, context, evaluate };
}

/** Missing in the types of Node.js 20. */
interface WithCachedData {
  createCachedData(): Buffer;
}

const codeCaches = new Map<string, Buffer>();

/** As Convex makes it: of a module that has been compiled and of which nothing has run. */
function codeCache(text: string): Buffer {
  const known = codeCaches.get(text);
  if (known !== undefined) return known;
  const made = (new SourceTextModule(text) as SourceTextModule & WithCachedData).createCachedData();
  codeCaches.set(text, made);
  return made;
}

/** Node.js does not keep a module alive that others still refer to, so the last ones are kept here. */
const kept: unknown[] = [];

function keep(modules: unknown): void {
  kept.push(modules);
  if (kept.length > 100) kept.shift();
}
