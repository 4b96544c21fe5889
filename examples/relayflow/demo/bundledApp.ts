/**
 * The app as it would be deployed: bundled with Convex's own settings and loaded from the bundle, so that the demo
 * shows what a deployment runs and not what a test runner makes of the source.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { bundleConvex, type ConvexBundle } from "../../../src/testing/convexBundle.js";
import { withoutComponent } from "./withoutComponent.js";

/** How spans leave: through the component, or, where it is not installed, with a job of `deliver` for each mutation. */
export type WayOut = "outbox" | "jobs";

/** Modules by path, as convex-test takes them. */
export type AppModules = Record<string, () => Promise<unknown>>;

export interface BundledApp {
  /** Those of the app, with its component and without. */
  readonly modules: Readonly<Record<WayOut, AppModules>>;
  /** Those of the component. They are deployed apart from the app, in a world of their own. */
  readonly component: AppModules;
  /** Size of what would be deployed as the app with its component, in bytes. */
  readonly bytes: number;
  /** Deletes the bundles. Modules that were loaded go on working. */
  remove(): Promise<void>;
}

const APP = fileURLToPath(new URL("../convex", import.meta.url));

/** What `convex.config.ts` imports: a component is the folder of its own `convex.config`. */
const COMPONENT = "convex-otel/convex.config";

/** In this repository the library is taken from its source; anywhere else, it is the installed package. */
export const LIBRARY_SOURCE: Readonly<Record<string, string>> = {
  "convex-otel": sourcePath("index.ts"),
  "convex-otel/convex": sourcePath("adapters/convex/server/index.ts"),
  "convex-otel/otlp": sourcePath("otlp/index.ts"),
  [COMPONENT]: sourcePath("component/convex.config.ts"),
};

/** Bundles the app and its component into a temporary folder. */
export async function bundleApp(alias: Readonly<Record<string, string>> = LIBRARY_SOURCE): Promise<BundledApp> {
  const folder = await mkdtemp(join(tmpdir(), "relayflow-"));
  // Node takes a .js file for CommonJS unless its folder says otherwise.
  await writeFile(join(folder, "package.json"), '{ "type": "module" }');
  const write = (name: string): string => join(folder, name);
  const app = await bundleConvex(APP, { alias, write: write("app") });
  const without = await bundleConvex(APP, { alias, write: write("without"), plugins: [withoutComponent] });
  const component = await bundleConvex(componentFolder(alias), { write: write("component") });
  return {
    modules: { outbox: modulesOf(app, write("app")), jobs: modulesOf(without, write("without")) },
    component: modulesOf(component, write("component")),
    bytes: [...app.files.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0),
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

function modulesOf({ modules }: ConvexBundle, folder: string): AppModules {
  // convex-test asks for a module at each call, and to find one that is loaded takes `import` a millisecond where it goes through a
  // loader, as here: response times would be those of the loader.
  const load = (file: string) => {
    let loaded: Promise<unknown> | undefined;
    return () => (loaded ??= import(pathToFileURL(join(folder, file)).href) as Promise<unknown>);
  };
  return {
    // convex-test finds the root of the functions by this folder, which is never part of a bundle.
    "./_generated/api.js": () => Promise.resolve({}),
    ...Object.fromEntries(modules.map(({ file }) => [`./${file}`, load(file)])),
  };
}

/** The folder of the component: in the source, or in the installed package. */
export function componentFolder(alias: Readonly<Record<string, string>> = LIBRARY_SOURCE): string {
  return dirname(alias[COMPONENT] ?? fileURLToPath(import.meta.resolve(COMPONENT)));
}

function sourcePath(file: string): string {
  return fileURLToPath(new URL(`../../../src/${file}`, import.meta.url));
}
