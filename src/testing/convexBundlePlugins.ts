/**
 * The esbuild plugins of the Convex command line (`src/bundler/{debugBundle,serverOnly,wasm}.ts` of the npm package
 * `convex`, checked against 1.48). Each changes what an import means, so a bundle without them is not the deployed one.
 */
import { readFile } from "node:fs/promises";
import path from "node:path";

import type { Plugin } from "esbuild";

// Convex's own runtime has these classes as globals; Node.js modules import the real ones.
const asyncHooks: Plugin = {
  name: "async-hooks",
  setup(build) {
    build.onResolve({ filter: /^(node:)?async_hooks$/ }, ({ path }) => ({ path, namespace: "async-hooks-shim" }));
    build.onLoad({ filter: /.*/, namespace: "async-hooks-shim" }, () => ({
      contents: `export const AsyncLocalStorage = globalThis.AsyncLocalStorage;
        export const AsyncResource = globalThis.AsyncResource;
        export default { AsyncLocalStorage, AsyncResource };`,
      loader: "js",
    }));
  },
};

// The marker package of Next.js throws outside of React server components.
const serverOnly: Plugin = {
  name: "server-only",
  setup(build) {
    build.onResolve({ filter: /^server-only$/ }, ({ path }) => ({ path, namespace: "server-only-stub" }));
    build.onLoad({ filter: /.*/, namespace: "server-only-stub" }, () => ({ contents: "", loader: "js" }));
  },
};

// An imported `.wasm` file is a compiled module: a stub that imports the bytes and compiles them.
const wasm: Plugin = {
  name: "wasm",
  setup(build) {
    build.onResolve({ filter: /\.wasm$/ }, (args) => {
      if (args.namespace === "wasm-stub") return { path: args.path, namespace: "wasm-binary" };
      if (args.resolveDir === "") return undefined;
      return { path: path.resolve(args.resolveDir, args.path), namespace: "wasm-stub" };
    });
    build.onLoad({ filter: /.*/, namespace: "wasm-stub" }, (args) => ({
      contents: `import bytes from ${JSON.stringify(args.path)}; export default new WebAssembly.Module(bytes);`,
    }));
    build.onLoad({ filter: /.*/, namespace: "wasm-binary" }, async (args) => ({
      contents: await readFile(args.path),
      loader: "binary",
    }));
  },
};

/** The plugins for one platform, in the order in which Convex runs them. */
export function convexPlugins(platform: "browser" | "node", own: readonly Plugin[]): Plugin[] {
  return [...(platform === "browser" ? [asyncHooks] : []), serverOnly, ...own, wasm];
}
