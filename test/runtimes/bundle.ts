/** Bundles functions for the strict runtime, with the package as users have it installed. */
import type { Plugin } from "esbuild";
import { inject } from "vitest";
import { bundleConvex, type ConvexBundle, type ConvexBundlePlugin } from "../../src/testing/convexBundle.js";

/** Bundles a folder of functions. Imports of the package's source, and of the package by its name, get the built one. */
export function bundleInstalled(dir: string, plugins: readonly ConvexBundlePlugin[] = []): Promise<ConvexBundle> {
  return bundleConvex(dir, { plugins: [...plugins, installedPackage(inject("installed"))] });
}

/** Modules of the source that are entries of the package, by the end of their paths. */
const ENTRIES: readonly (readonly [RegExp, string])[] = [
  [/^convex-otel(\/\w+)?$/, "convex-otel$1"],
  [/^\.\.?\/.*src\/index\.js$/, "convex-otel"],
  [/^\.\.?\/.*src\/adapters\/convex\/server\/index\.js$/, "convex-otel/convex"],
  [/^\.\.?\/.*src\/otlp\/index\.js$/, "convex-otel/otlp"],
];

function installedPackage(resolveDir: string): Plugin {
  return {
    name: "installed-package",
    setup(build) {
      for (const [filter, name] of ENTRIES) {
        build.onResolve({ filter }, ({ path, kind, pluginData }) =>
          // `resolve` asks all plugins again, this one too.
          pluginData === "installed"
            ? undefined
            : build.resolve(path.replace(filter, name), { resolveDir, kind, pluginData: "installed" }),
        );
      }
    },
  };
}
