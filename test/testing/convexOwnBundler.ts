/**
 * Loads the bundler of the Convex command line from the installed package, to compare ours with it.
 *
 * The package ships its sources, but not the packages it uses to talk to a terminal. Each of those is replaced by a
 * value that does nothing; a parser that throws makes Convex fall back to a regular expression for `"use node"`.
 */
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";

import * as esbuild from "esbuild";

const INSTALLED =
  /^(esbuild$|node:|(assert|child_process|crypto|fs|http|https|net|os|path|process|stream|url|util|zlib)(\/|$))/;

const NOTHING = `
  const get = (target, key) =>
    key === "__esModule" || key === "prototype" || key === "then" ? Reflect.get(target, key)
    : key === Symbol.toPrimitive ? () => "" : nothing;
  const prototype = new Proxy({}, { get });
  const nothing = new Proxy(function () {}, {
    get, apply: () => nothing, construct: () => nothing, getPrototypeOf: () => prototype,
  });
  module.exports = nothing;`;

const withoutTerminal: esbuild.Plugin = {
  name: "without-terminal",
  setup(build) {
    build.onResolve({ filter: /^[^./]/ }, ({ path: name }) =>
      INSTALLED.test(name) ? { path: name, external: true } : { path: name, namespace: "nothing" },
    );
    build.onLoad({ filter: /.*/, namespace: "nothing" }, ({ path: name }) => ({
      contents: name === "@babel/parser" ? `exports.parse = () => { throw new Error("not installed"); };` : NOTHING,
    }));
  },
};

// What the command line does with an app, in the folder of the app: paths in the output depend on it.
function program(bundler: string): string {
  return `
    import path from "node:path";
    import { bundle, entryPointsByEnvironment, nodeFs } from ${JSON.stringify(bundler)};
    const crash = (problem) => { throw new Error(JSON.stringify(problem)); };
    const ctx = { fs: nodeFs, crash };
    const dir = path.resolve("convex");
    const { isolate, node } = await entryPointsByEnvironment(ctx, dir);
    const common = { ctx, dir, generateSourceMaps: false };
    const bundles = [
      await bundle({ ...common, entryPoints: isolate, platform: "browser" }),
      await bundle({ ...common, entryPoints: node, platform: "node", chunksFolder: path.join("_deps", "node") }),
    ];
    const files = bundles.flatMap(({ modules }) => modules.map(({ path, source }) => [path, source]));
    process.stdout.write(JSON.stringify(Object.fromEntries(files)));`;
}

/**
 * All files that Convex would deploy for the folder `convex` of an app, by path.
 *
 * @param folder - Where to put the program; below the project, for its imports to resolve.
 */
export async function filesOfConvex(app: string, folder: string): Promise<unknown> {
  const outfile = path.join(folder, "bundler.mjs");
  await esbuild.build({
    stdin: {
      contents: program(path.resolve("node_modules/convex/dist/esm/bundler/index.js")),
      resolveDir: folder,
    },
    bundle: true,
    platform: "node",
    format: "esm",
    outfile,
    logLevel: "error",
    plugins: [withoutTerminal],
  });
  const { stdout } = await promisify(execFile)(process.execPath, [outfile], { cwd: app, maxBuffer: 2 ** 26 });
  return JSON.parse(stdout);
}
