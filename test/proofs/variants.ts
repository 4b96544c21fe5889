/** The app of the proofs, bundled as Convex does, with and without the library. */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Plugin } from "esbuild";
import { LIBRARY_SOURCE } from "../../examples/relayflow/demo/bundledApp.js";
import { buildLazy } from "../../tools/buildLazy.js";
import { bundleConvex, type ConvexBundle } from "../../src/testing/convexBundle.js";

const app = resolve(import.meta.dirname, "app");

/** What the functions of the app are built with: a file of `app/variants`. */
export type Variant = "stock" | "traced" | "oneOff" | "shortTraces" | "outbox" | "outboxOneOff";

/** What to bundle with it. */
export interface VariantOptions {
  /** Where the library is, by the names it is imported by. @defaultValue its source */
  readonly library?: Readonly<Record<string, string>>;
  /** May break the library, to see whether the proofs notice. */
  readonly plugins?: readonly Plugin[];
}

/** Bundles the app. */
export function bundleVariant(variant: Variant, options: VariantOptions = {}): Promise<ConvexBundle> {
  const { library = LIBRARY_SOURCE, plugins = [] } = options;
  return bundleConvex(resolve(app, "convex"), { alias: library, plugins: [inPlaceOfOtel(variant), ...plugins] });
}

/** Builds the library as Convex's bundler finds it in the package, and tells where it is. */
export async function buildShipped(folder: string): Promise<Readonly<Record<string, string>>> {
  await buildLazy(folder);
  const shipped = { "convex-otel": "index.js", "convex-otel/convex": "convex.js", "convex-otel/otlp": "otlp.js" };
  const found = Object.entries(shipped)
    .map(([name, file]) => [name, join(folder, file)] as const)
    .filter(([, file]) => existsSync(file));
  return { ...LIBRARY_SOURCE, ...Object.fromEntries(found) };
}

/** `convex/otel.ts` is the variant: its functions have to be where the library looks for them. */
function inPlaceOfOtel(variant: Variant): Plugin {
  return {
    name: "variant",
    setup: (setup) =>
      setup.onLoad({ filter: /proofs\/app\/convex\/otel\.ts$/ }, () => ({
        contents: `export * from "../variants/${variant}.js";`,
        resolveDir: resolve(app, "convex"),
        loader: "ts",
      })),
  };
}
