/**
 * Evaluates every module of a bundled app, each in a fresh context, as Convex does when it looks for functions at a
 * deploy.
 */
import path from "node:path";
import vm from "node:vm";

import type { ConvexBundle, ConvexModule } from "../../testing/convexBundle.js";

import { nodeRequire } from "./builtins.js";
import { externalStub } from "./externalStub.js";
import { createModuleContext } from "./globals.js";
import { reasonOf } from "./reason.js";
import { withForeignRejectionsIgnored } from "./rejections.js";
import type { Scripts } from "./scripts.js";

/** A module and what came of it. */
export type EvaluatedModule =
  | { readonly outcome: "evaluated"; readonly module: ConvexModule; readonly exports: ReadonlyMap<string, unknown> }
  | { readonly outcome: "failed"; readonly module: ConvexModule; readonly reason: string };

/** Options of {@link evaluateModules}. */
export interface EvaluateOptions {
  /** Packages that are not bundled into modules for Node.js. */
  readonly external: readonly string[];
  /**
   * How long one module may run, in milliseconds.
   * @defaultValue 10 000
   */
  readonly timeoutMs?: number;
}

// Nothing at module level takes a tenth of this; Convex itself gives a deploy's evaluation far less.
const DEFAULT_TIMEOUT_MS = 10_000;

/** Evaluates all modules of a bundle. Never throws: a module that does is an outcome. */
export async function evaluateModules(
  bundle: ConvexBundle,
  scripts: Scripts,
  options: EvaluateOptions,
): Promise<EvaluatedModule[]> {
  return await withForeignRejectionsIgnored(() => bundle.modules.map((module) => evaluate(module, scripts, options)));
}

function evaluate(module: ConvexModule, scripts: Scripts, options: EvaluateOptions): EvaluatedModule {
  try {
    const { context, process } = createModuleContext(module.environment);
    const outside =
      module.environment === "node"
        ? nodeRequire(process, (specifier) => (isExternal(specifier, options.external) ? externalStub() : undefined))
        : refuse;
    const load = moduleLoader(scripts, context, outside);
    const exports = runBounded(context, options.timeoutMs ?? DEFAULT_TIMEOUT_MS, () => load(module.file));
    return { outcome: "evaluated", module, exports: new Map(Object.entries(exports)) };
  } catch (error) {
    return { outcome: "failed", module, reason: reasonOf(error) };
  }
}

function refuse(specifier: string): never {
  throw new Error(`Dynamic require of "${specifier}" is not supported`);
}

function isExternal(specifier: string, external: readonly string[]): boolean {
  return external.some((name) => specifier === name || specifier.startsWith(`${name}/`));
}

// A CommonJS loader over the bundle's files: relative specifiers are chunks, all others come from outside.
function moduleLoader(
  scripts: Scripts,
  context: vm.Context,
  outside: (specifier: string) => unknown,
): (file: string) => object {
  const loaded = new Map<string, { exports: object }>();
  const load = (file: string): object => {
    const known = loaded.get(file);
    if (known !== undefined) return known.exports;
    const script = scripts.get(file);
    if (!(script instanceof vm.Script)) throw script ?? new Error(`The bundle has no file ${file}`);
    const module = { exports: {} };
    loaded.set(file, module);
    const chunkOrOutside = (specifier: string): unknown =>
      specifier.startsWith(".") ? load(path.posix.join(path.posix.dirname(file), specifier)) : outside(specifier);
    const require = Object.assign(chunkOrOutside, { resolve: (specifier: string) => specifier });
    const body: unknown = script.runInContext(context);
    if (typeof body === "function") body.call(undefined, module.exports, require, module);
    return module.exports;
  };
  return load;
}

// A time limit holds only for code that a script runs, so a script in the context has to make the call.
function runBounded(context: vm.Context, timeout: number, load: () => object): object {
  const slot = "__convexOtelCheck";
  const result: { exports: object } = { exports: {} };
  Object.defineProperty(context, slot, { configurable: true, value: () => (result.exports = load()) });
  vm.runInContext(`{ const run = ${slot}; delete globalThis.${slot}; run(); }`, context, { timeout });
  return result.exports;
}
