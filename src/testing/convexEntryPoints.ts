/**
 * Which files of a `convex/` folder become modules, and in which runtime each of them runs.
 *
 * These are the rules of the Convex command line (`src/bundler/index.ts` of the npm package `convex`, checked against
 * 1.48). They decide what a deployment contains, so a tool that looks at an app has to follow them to the letter.
 */
import { type Dirent, existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";

import { ConvexBundleError } from "./convexBundleError.js";
import { hasUseNodeDirective } from "./useNodeDirective.js";

/** Where a module runs: in Convex's own runtime, or in Node.js (`"use node"`). */
export type ConvexEnvironment = "isolate" | "node";

/** A file that Convex deploys as a module. */
export interface ConvexEntryPoint {
  /** Absolute path of the source file. */
  readonly source: string;
  /** Path of the module without extension, as in function names: `dir/mod`. */
  readonly name: string;
  readonly environment: ConvexEnvironment;
}

const EXTENSIONS = [".js", ".mjs", ".cjs", ".ts", ".tsx", ".mts", ".cts", ".jsx"];

const ISOLATE_ONLY = new Set(["http", "crons", "schema", "auth.config"]);

/**
 * The modules of a `convex/` folder, in the order in which Convex bundles them.
 *
 * @throws ConvexBundleError where Convex refuses to deploy: files in `_deps/`, `"use node"` in `http` or `crons`,
 * files in `actions/` without `"use node"`.
 */
export function convexEntryPoints(dir: string): ConvexEntryPoint[] {
  const sources = walk(dir).filter((source) => isEntryPoint(path.relative(dir, source)) && !isEmptyScript(source));
  return sources.map((source) => {
    const relative = toPosix(path.relative(dir, source));
    const name = relative.replace(/\.[^/.]+$/, "");
    return { source, name, environment: environmentOf(relative, name, readFileSync(source, "utf8")) };
  });
}

/** A path with forward slashes, as Convex and esbuild's metadata write them. */
export function toPosix(file: string): string {
  return file.split(path.sep).join(path.posix.sep);
}

function walk(dir: string): string[] {
  return readdirSync(dir, { withFileTypes: true })
    .sort(byCodeUnits)
    .flatMap((entry) => {
      const child = path.join(dir, entry.name);
      if (entry.isDirectory()) return isComponent(child) ? [] : walk(child);
      return entry.isFile() ? [child] : [];
    });
}

// Not localeCompare: the order must not depend on the machine.
function byCodeUnits(a: Dirent, b: Dirent): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

// A folder that defines a component is deployed as that component, not as part of the app.
function isComponent(dir: string): boolean {
  return existsSync(path.join(dir, "convex.config.ts"));
}

function isEntryPoint(relative: string): boolean {
  const base = path.basename(relative);
  if (relative.startsWith(`_deps${path.sep}`)) {
    throw new ConvexBundleError([
      `${relative} is in "_deps", which Convex reserves for its own output: move the file.`,
    ]);
  }
  if (!EXTENSIONS.some((extension) => relative.endsWith(extension))) return false;
  if (relative.startsWith(`_generated${path.sep}`)) return false;
  if (base.startsWith(".") || base.startsWith("#")) return false;
  if (base === "schema.ts" || base === "schema.js") return false;
  // More than one dot: convex.config.ts, auth.config.ts, users.test.ts.
  return base.split(".").length === 2 && !relative.includes(" ");
}

// TypeScript takes a file without import or export for a script; Convex leaves those out.
function isEmptyScript(source: string): boolean {
  return /\.tsx?$/.test(source) && !/^\s{0,100}(import|export)/m.test(readFileSync(source, "utf8"));
}

function environmentOf(relative: string, name: string, text: string): ConvexEnvironment {
  if (hasUseNodeDirective(text)) {
    if (ISOLATE_ONLY.has(name)) throw new ConvexBundleError([`"use node" is not allowed in ${relative}.`]);
    return "node";
  }
  if (relative.startsWith("actions/")) {
    throw new ConvexBundleError([`${relative} is in "actions/" and needs "use node" at its top.`]);
  }
  return "isolate";
}
