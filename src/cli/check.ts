/**
 * `convex-otel check`: proves that every function that may get a carrier accepts it.
 *
 * The type check in `otel.ts` sees types only. This command sees what a deployment would: it bundles the app as Convex
 * does, evaluates the modules and looks for the mark of our builders on each registered function. So it also holds for
 * JavaScript, casts, and builders made of builders, and it fits into CI.
 */
import path from "node:path";
import { parseArgs } from "node:util";

import { bundleConvex } from "../testing/convexBundle.js";
import { loadConvexEsbuild } from "../testing/convexEsbuild.js";

import { type Coverage, coverageOf } from "./coverage.js";
import { coverageText } from "./coverageText.js";
import { evaluateModules } from "./evaluate/modules.js";
import { compileScripts } from "./evaluate/scripts.js";
import { type CliIo, type ExitCode, UsageError } from "./io.js";
import { readProject } from "./project.js";

/** What `convex-otel check --help` prints. */
export const CHECK_USAGE = `Usage: convex-otel check [project] [options]

Bundles the Convex functions of a project (default: this folder) as Convex does, evaluates them without network and
environment, and says which mutations and actions are neither built with instrumented builders nor listed.

Options:
  --uninstrumented <list>  patterns of functions that are not instrumented: "auth:*,migrations:run".
                           Default: arrays named \`uninstrumented\` that the app's modules export
  --deliver <path>         where the \`deliver\` action is exported (default: otel:deliver)
  --strict                 fail for notes too: HTTP actions without spans, skipped modules, stale entries
  --json                   print the result as JSON
  -h, --help               this text

Exit code: 0 nothing is missing, 1 something is, 2 wrong usage or the app does not bundle.
`;

/** Options of {@link checkApp}. */
export interface CheckOptions {
  /** Patterns that replace the app's own list: `"dir/*"`, `"mod:*"`, `"mod:fn"`, `"*"`. */
  readonly uninstrumented?: readonly string[] | undefined;
  /**
   * Path of the exported `deliver` action.
   * @defaultValue `"otel:deliver"`
   */
  readonly deliver?: string | undefined;
}

/** What `--json` prints. */
export interface CheckResult extends Coverage {
  /** What esbuild warned about. */
  readonly warnings: readonly string[];
}

/**
 * Finds out what is and what is not instrumented in an app.
 *
 * @param project - The folder with `convex.json` or, without one, with `convex/`.
 * @throws UsageError if there are no functions; ConvexBundleError if the app does not bundle.
 */
export async function checkApp(project: string, options: CheckOptions = {}): Promise<CheckResult> {
  const { functionsDir, external } = readProject(project);
  const bundle = await bundleConvex(functionsDir, { external });
  const scripts = await compileScripts(bundle, loadConvexEsbuild(functionsDir));
  const modules = await evaluateModules(bundle, scripts, { external });
  const { uninstrumented, deliver = "otel:deliver" } = options;
  return { ...coverageOf(modules, { uninstrumented, deliver }), warnings: bundle.warnings };
}

/** Runs the command. */
export async function check(args: readonly string[], io: CliIo): Promise<ExitCode> {
  const { project, json, strict, ...options } = parse(args);
  const result = await checkApp(path.resolve(io.cwd, project), options);
  const complete = isComplete(result) && !(strict && hasNotes(result));
  io.stdout(json ? `${JSON.stringify({ ok: complete, ...result }, undefined, 2)}\n` : coverageText(result));
  if (!json) for (const warning of result.warnings) io.stderr(`esbuild: ${warning}\n`);
  return complete ? 0 : 1;
}

/** Whether no call can go wrong and no span gets lost, as far as the evaluated modules tell. */
function isComplete({ functions, deliver }: Coverage): boolean {
  return deliver.status !== "missing" && !functions.some(({ status }) => status === "missing");
}

function hasNotes({ routes, skipped, stale }: Coverage): boolean {
  return skipped.length > 0 || stale.length > 0 || routes.some(({ instrumented }) => !instrumented);
}

interface CheckArgs extends CheckOptions {
  readonly project: string;
  readonly json: boolean;
  readonly strict: boolean;
}

function parse(args: readonly string[]): CheckArgs {
  const { values, positionals } = parsed(args);
  if (positionals.length > 1) throw new UsageError(`One project at a time, not ${positionals.join(" and ")}.`);
  const { uninstrumented, deliver, json = false, strict = false } = values;
  return { project: positionals[0] ?? ".", uninstrumented: uninstrumented?.flatMap(patterns), deliver, json, strict };
}

// parseArgs throws a TypeError for what users type, which is no fault of the program.
function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        uninstrumented: { type: "string", multiple: true },
        deliver: { type: "string" },
        json: { type: "boolean" },
        strict: { type: "boolean" },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function patterns(list: string): string[] {
  const entries = list.split(",").map((entry) => entry.trim());
  return entries.filter((entry) => entry !== "");
}
