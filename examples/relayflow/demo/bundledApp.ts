/**
 * The app as it would be deployed: bundled with Convex's own settings and loaded from the bundle, so that the demo
 * shows what a deployment runs and not what a test runner makes of the source.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { bundleConvex } from "../../../src/testing/convexBundle.js";

/** Modules by path, as convex-test takes them. */
export type AppModules = Record<string, () => Promise<unknown>>;

export interface BundledApp {
  readonly modules: AppModules;
  /** Size of what would be deployed, in bytes. */
  readonly bytes: number;
  /** Deletes the bundle. Modules that were loaded go on working. */
  remove(): Promise<void>;
}

/** In this repository the library is taken from its source; anywhere else, it is the installed package. */
export const LIBRARY_SOURCE: Readonly<Record<string, string>> = {
  "convex-otel": sourcePath("index.ts"),
  "convex-otel/convex": sourcePath("adapters/convex/server/index.ts"),
  "convex-otel/otlp": sourcePath("otlp/index.ts"),
};

/** Bundles the app into a temporary folder. */
export async function bundleApp(alias: Readonly<Record<string, string>> = LIBRARY_SOURCE): Promise<BundledApp> {
  const folder = await mkdtemp(join(tmpdir(), "relayflow-"));
  const bundle = await bundleConvex(fileURLToPath(new URL("../convex", import.meta.url)), { alias, write: folder });
  // Node takes a .js file for CommonJS unless its folder says otherwise.
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  const load = (file: string) => () => import(pathToFileURL(join(folder, file)).href) as Promise<unknown>;
  return {
    modules: {
      // convex-test finds the root of the functions by this folder, which is never part of a bundle.
      "./_generated/api.js": () => Promise.resolve({}),
      ...Object.fromEntries(bundle.modules.map(({ file }) => [`./${file}`, load(file)])),
    },
    bytes: [...bundle.files.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

function sourcePath(file: string): string {
  return fileURLToPath(new URL(`../../../src/${file}`, import.meta.url));
}
