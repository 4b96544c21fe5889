/**
 * The build that Convex's bundler chooses (export condition `convex`): the same source, loaded lazily.
 *
 * Convex evaluates a function's modules anew on every call. So what is not needed to register functions (the recorder,
 * the codecs, the encoder) goes into one CommonJS file that is required inside a function: esbuild bundles that as a
 * lazy, synchronous module, which works in mutations too, where `import()` is rejected. A query never evaluates it.
 *
 * Between the two stand generated modules that forward functions. Only exported function declarations can be forwarded;
 * importing anything else from a lazy file into an eager one fails this build.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { build, type BuildOptions, type OutputFile, type Plugin } from "esbuild";
import ts from "typescript";

const root = resolve(import.meta.dirname, "..");
const source = (path: string) => join(root, "src", path);

/** Files that are evaluated whenever a module imports the library, and those that are loaded with `import()`. */
const EAGER = [
  "index.ts",
  "core/api.ts",
  "core/callSpan.ts",
  "core/context.ts",
  "core/nonRecordingSpan.ts",
  "core/otelGlobal.ts",
  "otlp/retry.ts",
  "otlp/split.ts",
  "propagation/carrierField.ts",
  "propagation/correlation.ts",
  "semconv/attributes.ts",
  "semconv/version.ts",
  ...[
    "carrierArgs",
    "carrierValidator",
    "deliver",
    "deliverAttempt",
    "httpAction",
    "httpRouter",
    "index",
    "instrumentConvex",
    "mark",
    "options",
    "platform",
    "reasonOf",
    "responseBody",
    "scheduleDelivery",
    "tracedHandler",
    "wayOut",
  ].map((name) => `adapters/convex/server/${name}.ts`),
].map(source);

const shared = {
  bundle: true,
  minify: true,
  target: "es2022",
  platform: "neutral",
  legalComments: "none",
  write: false,
} satisfies BuildOptions;

/** A function of the runtime. */
interface Forwarded {
  readonly file: string;
  readonly name: string;
  /** What the runtime exports it as. */
  readonly as: string;
}

/** Names of the functions a file declares and exports. */
function exportedFunctions(file: string): string[] {
  const parsed = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2022);
  return parsed.statements.flatMap((statement) =>
    ts.isFunctionDeclaration(statement) &&
    statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) &&
    statement.name !== undefined &&
    statement.body !== undefined
      ? [statement.name.text]
      : [],
  );
}

/** What the runtime calls a function: two files may have functions of one name. */
function exportName(file: string, name: string): string {
  return `${basename(file, ".ts")}$${name}`;
}

/** Stands in the eager build for the runtime; what `require`s it is put in after bundling, or esbuild would wrap it. */
const LOADER = "let loaded; export const runtime = () => (loaded ??= LOAD_RUNTIME());";
const LOAD = /\bLOAD_RUNTIME\(\)/g;

/** Replaces lazy files by modules that forward their functions to the runtime. */
function forwarding(lazyFiles: Set<string>): Plugin {
  return {
    name: "forward-to-runtime",
    setup(setup) {
      setup.onResolve({ filter: /^\./ }, ({ path, importer }) => {
        const file = join(dirname(importer), path).replace(/\.js$/, ".ts");
        if (EAGER.includes(file)) return { path: file, sideEffects: false };
        lazyFiles.add(file);
        return { path: file, namespace: "lazy", sideEffects: false };
      });
      setup.onResolve({ filter: /^lazy:runtime$/ }, ({ path }) => ({ path, namespace: "loader" }));
      setup.onLoad({ filter: /.*/, namespace: "loader" }, () => ({ contents: LOADER }));
      setup.onLoad({ filter: /.*/, namespace: "lazy" }, ({ path }) => ({
        contents: [
          'import { runtime } from "lazy:runtime";',
          ...exportedFunctions(path).map(
            (name) => `export const ${name} = (...args) => runtime().${exportName(path, name)}(...args);`,
          ),
        ].join("\n"),
      }));
    },
  };
}

/** The eager modules, and the functions they forward to the runtime. */
async function buildEager(outdir: string): Promise<{ outputs: OutputFile[]; functions: Forwarded[] }> {
  const lazyFiles = new Set<string>();
  const { outputFiles } = await build({
    ...shared,
    entryPoints: {
      index: source("index.ts"),
      convex: source("adapters/convex/server/index.ts"),
      // Loaded by their names, also from the runtime.
      deliverAttempt: source("adapters/convex/server/deliverAttempt.ts"),
      httpAction: source("adapters/convex/server/httpAction.ts"),
    },
    outdir,
    splitting: true,
    format: "esm",
    external: ["convex/*"],
    plugins: [forwarding(lazyFiles)],
  });
  const text = outputFiles.map((file) => file.text).join("\n");
  const functions = [...lazyFiles].sort().flatMap((file) =>
    exportedFunctions(file)
      .map((name) => ({ file, name, as: exportName(file, name) }))
      // Forwarding functions that nobody calls were dropped by the bundler.
      .filter(({ as }) => text.includes(`.${as}(`)),
  );
  return { outputs: outputFiles, functions };
}

/** One file with everything else. It must not import: what it needs of `convex/server` is handed to it. */
async function buildRuntime(functions: readonly Forwarded[]): Promise<string> {
  const lines = functions.map(({ file, name, as }) => `export { ${name} as ${as} } from ${JSON.stringify(file)};`);
  const { outputFiles, metafile } = await build({
    ...shared,
    metafile: true,
    stdin: { contents: lines.join("\n"), resolveDir: root, sourcefile: "runtime.js" },
    outdir: ".",
    format: "cjs",
    plugins: [
      {
        name: "dynamic-imports-stay",
        setup: (setup) => {
          setup.onResolve({ filter: /^\./ }, ({ path, kind }) =>
            kind === "dynamic-import" ? { path, external: true } : undefined,
          );
        },
      },
    ],
  });
  const imports = Object.values(metafile.outputs).flatMap((output) => output.imports.map(({ path }) => path));
  const foreign = imports.filter((path) => !path.startsWith("./"));
  if (foreign.length > 0) throw new Error(`the runtime must not import ${foreign.join(", ")}`);
  return outputFiles[0]?.text ?? "";
}

/**
 * What lets libraries join an action: loaded with `import()`, and complete in itself. Sharing code with the rest would take
 * more bytes there, which every module pays for, than it takes here to have the few functions twice.
 */
async function buildInterop(outdir: string): Promise<void> {
  const entryPoints = { otelApi: source("adapters/convex/server/otelApi.ts") };
  await build({ ...shared, entryPoints, outdir, format: "esm", write: true });
}

/** Builds into a folder. */
export async function buildLazy(outdir: string): Promise<void> {
  const { outputs, functions } = await buildEager(outdir);
  mkdirSync(outdir, { recursive: true });
  for (const { path, text } of outputs) {
    // Chunks are imported for their names only; a bare import of one makes the user's bundler warn.
    const withoutBareImports = text.replace(/import"\.\/[^"]+";/g, "");
    writeFileSync(path, withoutBareImports.replace(LOAD, 'require("./runtime.cjs")'));
  }
  writeFileSync(join(outdir, "runtime.cjs"), await buildRuntime(functions));
  await buildInterop(outdir);
}

if (process.argv[1] === import.meta.filename) await buildLazy(join(root, "dist/lazy"));
