/**
 * Turns bundled chunks into scripts that can run in a fresh context.
 *
 * Node.js runs ES modules in contexts only behind a flag, so each chunk becomes a CommonJS function. Top-level await
 * cannot be translated; Convex does not accept it either.
 */
import vm from "node:vm";

import type { ConvexBundle } from "../../testing/convexBundle.js";
import type { EsbuildApi } from "../../testing/convexEsbuild.js";

import { reasonOf } from "./reason.js";

/** A script of each file of a bundle, or the reason why there is none. */
export type Scripts = ReadonlyMap<string, vm.Script | Error>;

/** Compiles all files of a bundle. What cannot be compiled fails when it is loaded, not here. */
export async function compileScripts(bundle: ConvexBundle, esbuild: EsbuildApi): Promise<Scripts> {
  const compiled = [...bundle.files].map(async ([file, text]) => [file, await compile(file, text, esbuild)] as const);
  return new Map(await Promise.all(compiled));
}

async function compile(file: string, text: string, esbuild: EsbuildApi): Promise<vm.Script | Error> {
  try {
    const { code } = await esbuild.transform(text, {
      format: "cjs",
      target: "esnext",
      logLevel: "silent",
      // Modules for Node.js find their own files with it.
      define: { "import.meta.url": JSON.stringify(`file:///convex/${file}`) },
    });
    return new vm.Script(`(function (exports, require, module) {"use strict";${code}\n})`, { filename: file });
  } catch (error) {
    return new SyntaxError(firstMessage(error), { cause: error });
  }
}

// esbuild puts what is wrong into a list, and a summary into the message.
function firstMessage(error: unknown): string {
  const errors: readonly unknown[] =
    error instanceof Error && "errors" in error && Array.isArray(error.errors) ? error.errors : [];
  const [first] = errors;
  if (typeof first !== "object" || first === null || !("text" in first)) return reasonOf(error);
  return typeof first.text === "string" ? first.text : reasonOf(error);
}
