/**
 * The build that Convex's bundler chooses (export condition `convex`): the same source, loaded lazily and shaped for what
 * that bundler prints.
 *
 * Convex evaluates a function's modules anew on every call. So what is not needed to register functions is in parts, each
 * a function that evaluates it when something of it is first used (tools/lazy/files.ts). What only actions need, which may
 * `import()`, is in files of its own. Between them stand generated modules that forward functions. Only exported function
 * declarations can be forwarded; importing anything else of a part that may not be evaluated fails this build.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { build, type BuildOptions, type Plugin } from "esbuild";
import { evaluatedOnce, type LazyModule } from "./lazy/evaluatedOnce.js";
import { EXPORTER_CALLS, LOADED_LATER, type Part, partOf, PARTS } from "./lazy/files.js";
import { compiledAtLoad, type Placement, placing, Uses, withNotedImports } from "./lazy/placing.js";
import { source } from "./lazy/sources.js";
import { withoutNames } from "./lazy/unnamed.js";

const root = resolve(import.meta.dirname, "..");

const shared = {
  bundle: true,
  minify: true,
  target: "es2022",
  platform: "neutral",
  format: "esm",
  legalComments: "none",
  write: false,
  outdir: "out",
  external: ["convex/*"],
} satisfies BuildOptions;

/** The eager files find the lazy modules next to them; what is loaded later is given the runtime. */
const LOADER = `export { ${PARTS.join(", ")} } from "./lazy.js";`;
const CALLS_LOADER = 'export { calls } from "./calls.js";';
const GIVEN = "let given; export const runtime = () => given; export const useRuntime = (it) => void (given = it);";

/** Seen from the eager files. */
const fromEager: Placement = (file) => {
  const part = partOf(file);
  return part === "eager" || part === "anywhere" ? "here" : `call ${part}`;
};

/** Seen from a part. */
function from(here: Part): Placement {
  return (file) => {
    const part = partOf(file);
    if (part === here || part === "anywhere") return "here";
    if (part === "eager") throw new Error(`${here} must not import ${file}, which is eager`);
    return PARTS.indexOf(part) < PARTS.indexOf(here) ? `share ${part}` : `call ${part}`;
  };
}

/** Texts by file name. */
type Files = Map<string, string>;

async function bundle(options: Omit<BuildOptions, "write">): Promise<Files> {
  const { outputFiles, warnings } = await build({ ...shared, ...options, write: false });
  if (warnings.length > 0) throw new Error(warnings.map(({ text }) => text).join("\n"));
  // Chunks are imported for their names only; a bare import of one makes the user's bundler warn.
  return new Map(outputFiles.map(({ path, text }) => [basename(path), text.replace(/import"\.\/[^"]+";/g, "")]));
}

/** What is evaluated whenever a module imports the library. */
async function eagerFiles(uses: Uses): Promise<Files> {
  const files = await bundle({
    entryPoints: { index: source("index.ts"), convex: source("adapters/convex/server/index.ts") },
    splitting: true,
    plugins: [placing(fromEager, LOADER, uses), compiledAtLoad],
  });
  const exporters = await bundle({
    entryPoints: { otlp: source("otlp/index.ts") },
    plugins: [
      placing((file) => (EXPORTER_CALLS.includes(file) ? "call calls" : "here"), CALLS_LOADER, uses),
      compiledAtLoad,
    ],
  });
  return new Map([...files, ...exporters].map(([name, text]) => [name, withoutNames(text)]));
}

/** What is loaded with `import()`. It imports nothing itself, or the user's bundler would split what all modules share. */
async function laterFiles(uses: Uses): Promise<Files> {
  const files: Files = new Map();
  for (const { entry, isOwn } of LOADED_LATER) {
    const contents = `export * from ${JSON.stringify(entry)}; export { useRuntime } from "lazy:loader";`;
    const [code = ""] = (
      await bundle({
        stdin: { contents, resolveDir: root },
        plugins: [placing((file) => (isOwn(file) ? "here" : "call runtime"), GIVEN, uses)],
      })
    ).values();
    files.set(`${basename(entry, ".ts")}.js`, withoutNames(code));
  }
  return files;
}

/** A lazy module that exports what the names stand for. */
async function lazyCode(names: ReadonlySet<string>, plugins: Plugin[], uses: Uses): Promise<string> {
  const lines = [...names].sort().map((long) => {
    const [, name = ""] = long.split("$");
    return `import { ${name} as ${long} } from ${JSON.stringify(uses.fileOf(long))}; export { ${long} };`;
  });
  const files = await bundle({ stdin: { contents: lines.join("\n"), resolveDir: root }, plugins });
  return [...files.values()][0] ?? "";
}

/** The lazy parts. They use each other, so what each has to export is known when nothing is added any more. */
async function lazyParts(eager: Files, later: Files, uses: Uses): Promise<LazyModule[]> {
  const exported = new Map(PARTS.map((part) => [part, new Set<string>()]));
  const need = (long: string, part: Part | "eager" | "anywhere" = partOf(uses.fileOf(long))): void => {
    if (part !== "eager" && part !== "anywhere") exported.get(part)?.add(long);
  };
  for (const text of eager.values()) for (const long of uses.calledIn(text)) need(long);
  for (const text of later.values()) for (const long of uses.calledIn(text)) need(long, "runtime");
  const count = () => [...exported.values()].reduce((sum, names) => sum + names.size, 0);
  for (;;) {
    const before = count();
    const modules: LazyModule[] = [];
    for (const part of PARTS) {
      const names = exported.get(part) ?? new Set();
      const { code, imported } = withNotedImports(
        await lazyCode(names, [placing(from(part), LOADER, uses)], uses),
        uses,
      );
      for (const long of [...imported, ...uses.calledIn(code)]) need(long);
      modules.push({ name: part, code: part === "runtime" ? givingRuntime(code) : code });
    }
    if (before === count()) return modules;
  }
}

/** What the runtime loads with `import()` gets its functions from it. */
function givingRuntime(code: string): string {
  return code.replace(/import\("(\.\/[^"]+)"\)/g, 'import("$1").then(file=>(file.useRuntime(runtime()),file))');
}

/** Builds all files. */
async function buildFiles(): Promise<Files> {
  const uses = new Uses();
  const [eager, later] = [await eagerFiles(uses), await laterFiles(uses)];
  const tracing = new Map([...eager].filter(([name]) => name !== "otlp.js"));
  const lazy = await lazyParts(tracing, later, uses);
  const calls = new Set(uses.calledIn(eager.get("otlp.js") ?? ""));
  const callsCode = await lazyCode(calls, [placing(() => "here", "", uses)], uses);
  const files = new Map([
    ...eager,
    ...later,
    ["lazy.js", evaluatedOnce(lazy)] as const,
    ["calls.js", evaluatedOnce([{ name: "calls", code: callsCode }])] as const,
  ]);
  return new Map([...files].map(([name, text]) => [name, uses.shortened(text)]));
}

/** Builds into a folder. */
export async function buildLazy(outdir: string): Promise<void> {
  mkdirSync(outdir, { recursive: true });
  for (const [name, text] of await buildFiles()) writeFileSync(join(outdir, name), text);
}

if (process.argv[1] === import.meta.filename) await buildLazy(join(root, "dist/lazy"));
