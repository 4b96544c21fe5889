/**
 * Turns the files of a bundle into scripts that can run in a fresh context.
 *
 * Node.js runs ES modules in contexts only behind a flag, so each file becomes a CommonJS function. An `import()` becomes a
 * `require` in a promise callback.
 */
import vm from "node:vm";

import type { ConvexBundle } from "../convexBundle.js";
import { ConvexBundleError } from "../convexBundleError.js";
import { type EsbuildApi, loadConvexEsbuild } from "../convexEsbuild.js";

/** Scripts by the file they were made from. Each evaluates to `(exports, require, module) => void`. */
export type StrictScripts = ReadonlyMap<string, vm.Script>;

// Tests share a bundle; its scripts can be shared too.
const compiled = new WeakMap<ConvexBundle, Promise<StrictScripts>>();

/**
 * Compiles the files of a bundle that run in Convex's own runtime.
 *
 * @throws ConvexBundleError for top-level await, which Convex rejects too.
 */
export function compileBundle(bundle: ConvexBundle): Promise<StrictScripts> {
  const known = compiled.get(bundle);
  if (known !== undefined) return known;
  const scripts = compileFiles(bundle);
  compiled.set(bundle, scripts);
  return scripts;
}

async function compileFiles(bundle: ConvexBundle): Promise<StrictScripts> {
  const esbuild = loadConvexEsbuild(bundle.dir);
  const nodeFiles = new Set(bundle.modules.filter((module) => module.environment === "node").map(({ file }) => file));
  const own = [...bundle.files].filter(([file]) => !nodeFiles.has(file) && !file.startsWith("_deps/node/"));
  return new Map(
    await Promise.all(own.map(async ([file, text]) => [file, await compile(file, text, esbuild)] as const)),
  );
}

async function compile(file: string, text: string, esbuild: EsbuildApi): Promise<vm.Script> {
  const { code } = await transform(file, text, esbuild);
  const source = `(function (exports, require, module) {"use strict";${code}\n})`;
  return new vm.Script(source, { filename: `convex:/user/${file}` });
}

async function transform(file: string, text: string, esbuild: EsbuildApi): Promise<{ code: string }> {
  try {
    return await esbuild.transform(text, {
      format: "cjs",
      target: "esnext",
      supported: { "dynamic-import": false },
      logLevel: "silent",
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const reason = /top-level await/i.test(message) ? "Top-level awaits in source files are unsupported" : message;
    throw new ConvexBundleError([`${file}: ${reason}`], { cause: error });
  }
}
