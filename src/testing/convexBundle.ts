/**
 * Bundles a `convex/` folder exactly as the Convex command line does when it deploys.
 *
 * What runs on a deployment is not the source but this bundle: split into chunks, with minified identifiers, resolved
 * under Convex's export conditions. Whoever wants to know what an app does there (a check of all its functions, a
 * size budget, a strict runtime for tests) has to start from the same files.
 */
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import path from "node:path";

import type { BuildOptions, Message, OutputFile } from "esbuild";

import { ConvexBundleError } from "./convexBundleError.js";
import { convexPlugins } from "./convexBundlePlugins.js";
import { type ConvexEntryPoint, convexEntryPoints, toPosix } from "./convexEntryPoints.js";
import { type EsbuildApi, loadConvexEsbuild } from "./convexEsbuild.js";

/** Which imports a plugin is asked about. */
interface PluginFilter {
  readonly filter: RegExp;
  readonly namespace?: string;
}

/** What a plugin is asked about. */
interface PluginImport {
  readonly path: string;
  readonly namespace: string;
}

/** What esbuild gives to a plugin, as far as it can be counted on whatever its version. */
interface PluginBuild {
  onResolve(filter: PluginFilter, resolve: (imported: PluginImport & { readonly importer: string }) => unknown): void;
  onLoad(filter: PluginFilter, load: (imported: PluginImport) => unknown): void;
}

/**
 * A plugin of esbuild. The type is not esbuild's own: which version an app has is up to its `convex` package, and it need not be
 * installed where TypeScript finds it.
 */
export interface ConvexBundlePlugin {
  readonly name: string;
  setup(build: PluginBuild): void | Promise<void>;
}

/** Options of {@link bundleConvex}. */
export interface ConvexBundleOptions {
  /**
   * Packages left out of the bundle of `"use node"` modules, as `node.externalPackages` of `convex.json`.
   * @defaultValue none
   */
  readonly external?: readonly string[];
  /** Packages or files to take instead of others, by the name that is imported. For tests of unpublished packages. */
  readonly alias?: Readonly<Record<string, string>>;
  /** esbuild plugins that run before Convex's handling of `.wasm` files. */
  readonly plugins?: readonly ConvexBundlePlugin[];
  /** A folder to write the files to; it is made if it does not exist. Nothing in it is deleted. */
  readonly write?: string;
}

/** A module that Convex would deploy. */
export interface ConvexModule extends ConvexEntryPoint {
  /** Its file in {@link ConvexBundle.files}. */
  readonly file: string;
}

/** What Convex would deploy. */
export interface ConvexBundle {
  /** The folder that was bundled, absolute. */
  readonly dir: string;
  /** Text of each file by its path: `dir/mod.js` for modules, `_deps/…` and `_deps/node/…` for shared chunks. */
  readonly files: ReadonlyMap<string, string>;
  /** The modules, in the order in which Convex bundles them. */
  readonly modules: readonly ConvexModule[];
  /** What esbuild warns about, with file and line. */
  readonly warnings: readonly string[];
}

/**
 * Bundles a `convex/` folder as Convex does, with the esbuild of the app's own `convex` package.
 *
 * Source maps are left out. The schema, `auth.config` and components are deployed separately and are not part of it.
 *
 * @param dir - The folder with the functions, usually `convex`.
 * @throws ConvexBundleError if there is no such folder, no `convex` package, or the app does not bundle.
 *
 * @example
 * ```ts
 * import { bundleConvex, strictConvex } from "convex-otel/testing/strict";
 * import schema from "../convex/schema";
 *
 * const bundle = await bundleConvex("convex"); // once for all tests of a file
 * const { t, close } = await strictConvex({ bundle, schema });
 * ```
 */
export async function bundleConvex(dir: string, options: ConvexBundleOptions = {}): Promise<ConvexBundle> {
  const root = path.resolve(dir);
  if (!existsSync(root)) throw new ConvexBundleError([`There is no folder ${root}.`]);
  const entries = convexEntryPoints(root);
  const esbuild = loadConvexEsbuild(root);
  const isolate = await build(esbuild, root, "browser", entries, options);
  const node = await build(esbuild, root, "node", entries, options);
  const files = new Map([...isolate.files, ...node.files]);
  if (options.write !== undefined) await writeFiles(options.write, files);
  return {
    dir: root,
    files,
    modules: entries.map((entry) => ({ ...entry, file: `${entry.name}.js` })),
    warnings: [...isolate.warnings, ...node.warnings],
  };
}

interface Built {
  readonly files: ReadonlyMap<string, string>;
  readonly warnings: readonly string[];
}

async function build(
  esbuild: EsbuildApi,
  root: string,
  platform: "browser" | "node",
  all: readonly ConvexEntryPoint[],
  options: ConvexBundleOptions,
): Promise<Built> {
  const environment = platform === "node" ? "node" : "isolate";
  const entryPoints = all.filter((entry) => entry.environment === environment).map((entry) => entry.source);
  if (entryPoints.length === 0) return { files: new Map(), warnings: [] };
  try {
    const result = await esbuild.build({ ...settings(root, platform, options), entryPoints, write: false });
    return { files: textByPath(root, result.outputFiles), warnings: result.warnings.map(messageText) };
  } catch (error) {
    throw bundleError(error, platform);
  }
}

/** The settings of `innerEsbuild` in `src/bundler/debugBundle.ts` of the npm package `convex`. */
function settings(root: string, platform: "browser" | "node", options: ConvexBundleOptions): BuildOptions {
  return {
    bundle: true,
    platform,
    format: "esm",
    target: "esnext",
    jsx: "automatic",
    absWorkingDir: path.dirname(root),
    outdir: outputFolder(root),
    outbase: root,
    conditions: ["convex", "module"],
    plugins: convexPlugins(platform, options.plugins ?? []),
    splitting: true,
    chunkNames: platform === "node" ? "_deps/node/[hash]" : "_deps/[hash]",
    treeShaking: true,
    minifySyntax: true,
    minifyIdentifiers: true,
    minifyWhitespace: false,
    keepNames: true,
    define: { "process.env.NODE_ENV": '"production"' },
    logLevel: "silent",
    ...(options.alias === undefined ? {} : { alias: { ...options.alias } }),
    ...(platform === "node" && options.external !== undefined ? { external: [...options.external] } : {}),
  };
}

// Never written to: esbuild wants a place to name the files by.
function outputFolder(root: string): string {
  return path.join(path.dirname(root), "out");
}

function textByPath(root: string, files: readonly OutputFile[]): Map<string, string> {
  return new Map(files.map((file) => [toPosix(path.relative(outputFolder(root), file.path)), file.text]));
}

async function writeFiles(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  for (const [file, text] of files) {
    const target = path.join(folder, file);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, text);
  }
}

function messageText({ text, location }: Message): string {
  return location === null ? text : `${location.file}:${location.line}:${location.column}: ${text}`;
}

function bundleError(error: unknown, platform: "browser" | "node"): unknown {
  if (!isBuildFailure(error)) return error;
  const reasons = error.errors.map(messageText);
  const needsNode = error.errors.some(({ notes }) => notes.some(({ text }) => text.includes("bundle for node?")));
  if (needsNode && platform === "browser") {
    reasons.push(
      'Modules that use Node.js need "use node" at their top: see https://docs.convex.dev/functions/runtimes',
    );
  }
  return new ConvexBundleError(reasons, { cause: error });
}

function isBuildFailure(error: unknown): error is { readonly errors: readonly Message[] } {
  return error instanceof Error && "errors" in error && Array.isArray(error.errors);
}
