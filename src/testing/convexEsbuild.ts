/**
 * Finds the bundler of an app: the esbuild that the app's own `convex` package depends on, since another version may
 * bundle differently.
 */
import { createRequire } from "node:module";
import path from "node:path";

import type * as Esbuild from "esbuild";

import { ConvexBundleError } from "./convexBundleError.js";

/** The API of esbuild. */
export type EsbuildApi = typeof Esbuild;

/**
 * Loads the esbuild that the `convex` package of an app depends on.
 *
 * @param dir - A folder of the app; packages are looked up from here.
 * @throws ConvexBundleError if the app has no `convex` package, or that has no esbuild.
 */
export function loadConvexEsbuild(dir: string): EsbuildApi {
  const convex = locate(createRequire(path.join(path.resolve(dir), "noop.js")), "convex/package.json");
  if (convex === undefined) {
    throw new ConvexBundleError([`No package "convex" found from ${dir}: install the app's dependencies first.`]);
  }
  const require = createRequire(convex);
  if (locate(require, "esbuild") === undefined) {
    throw new ConvexBundleError([`${convex} has no esbuild next to it: reinstall the app's dependencies.`]);
  }
  const esbuild: unknown = require("esbuild");
  if (!isEsbuild(esbuild)) throw new ConvexBundleError([`The esbuild next to ${convex} is not esbuild.`]);
  return esbuild;
}

function isEsbuild(loaded: unknown): loaded is EsbuildApi {
  return typeof loaded === "object" && loaded !== null && "build" in loaded && "transform" in loaded;
}

function locate(require: NodeJS.Require, name: string): string | undefined {
  try {
    return require.resolve(name);
  } catch {
    return undefined;
  }
}
