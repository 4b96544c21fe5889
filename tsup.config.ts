/**
 * The build: one entry per subpath export, for ESM and CommonJS, and the command line tool.
 *
 * ESM entries share their chunks, so that a class or a store exists once however many subpaths an app imports, and the
 * OTLP transport stays a chunk of its own that Convex actions load only when they send. CommonJS has no such chunks:
 * state that must be one per process hangs on `globalThis` under a registered symbol anyway.
 */
import { readdirSync } from "node:fs";
import { defineConfig, type Options } from "tsup";

/** Subpath to source. `test/exports.test.ts` holds this against the exports map of package.json. */
export const entries = {
  index: "src/index.ts",
  convex: "src/adapters/convex/server/index.ts",
  otlp: "src/otlp/index.ts",
  node: "src/node/index.ts",
  http: "src/adapters/http/index.ts",
  cache: "src/adapters/cache/index.ts",
  sql: "src/adapters/sql/index.ts",
  testing: "src/testing/index.ts",
  "testing/strict": "src/testing/strict/index.ts",
};

/** What runs in Convex functions. Shipped minified: Convex does not minify white space, and what it evaluates is paid per call. */
const isolate = { index: entries.index, convex: entries.convex, otlp: entries.otlp };

/** What runs on servers, with the same core in one process. Minified too: it folds constants that are read for every character of SQL. */
const servers = { node: entries.node, http: entries.http, cache: entries.cache, sql: entries.sql };

/** What runs on a developer's machine, where stack traces matter more. */
const tools = { testing: entries.testing, "testing/strict": entries["testing/strict"] };

/** The files of the component. Convex takes each file next to `convex.config.js` as a module of functions, so each stays one. */
const component = Object.fromEntries(
  readdirSync("src/component", { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => [`component/${file.replace(/\.ts$/, "")}`, `src/component/${file}`]),
);

/** What an app imports of the component's types. */
const componentTypes = {
  "component/convex.config": "src/component/convex.config.ts",
  "component/_generated/component": "src/component/_generated/component.ts",
};

const shared: Options = {
  target: "es2022",
  platform: "neutral",
  // Everything that is not ours stays an import: convex, convex-test, the bundler that `check` uses, Node's builtins.
  skipNodeModulesBundle: true,
  treeshake: "smallest",
  // Workers and Deno know Node's modules by their full names only.
  removeNodeProtocol: false,
};

export default defineConfig([
  { ...shared, name: "esm", entry: { ...isolate, ...servers }, format: "esm", splitting: true, minify: true },
  { ...shared, name: "cjs", entry: { ...isolate, ...servers }, format: "cjs", splitting: false, minify: true },
  { ...shared, name: "esm tools", entry: { ...tools, cli: "src/cli/main.ts" }, format: "esm", splitting: true },
  { ...shared, name: "cjs tools", entry: tools, format: "cjs", splitting: false },
  { ...shared, name: "component", entry: component, format: "esm", splitting: true },
  {
    ...shared,
    name: "component types",
    entry: componentTypes,
    format: "esm",
    dts: { only: true, compilerOptions: { stripInternal: false } },
  },
  {
    ...shared,
    name: "types",
    entry: entries,
    format: ["esm", "cjs"],
    // Modules use each other's internal types; what leaves the package is what the entries name.
    dts: { only: true, compilerOptions: { stripInternal: false } },
  },
]);
