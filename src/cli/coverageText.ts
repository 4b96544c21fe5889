/**
 * Prints the coverage of an app for people: a table by module, then each thing to do, with what to do about it.
 */
import type { Coverage, CoveredFunction, StaleEntry } from "./coverage.js";
import { type Row, table } from "./table.js";

/** In the middle of a migration there may be hundreds; a few show what is meant. */
const MAX_CUT_OFF = 10;

/** The report of `convex-otel check`, ending in a line break. */
export function coverageText(coverage: Coverage): string {
  const sections = [
    moduleTable(coverage.functions),
    section("Missing: build these with ./otel, or list them in `uninstrumented`.", missingRows(coverage)),
    section("HTTP actions that start no span: wrap the router, or build them with ./otel.", routeRows(coverage)),
    section(
      "Skipped, since they throw when evaluated without network and environment:",
      coverage.skipped.map(({ module, reason }) => [module, reason]),
    ),
    section("Entries of `uninstrumented` that can go:", coverage.stale.map(staleRow)),
    section(
      "Instrumented, but still covered by `uninstrumented`: each starts a trace of its own, since nobody gives it a carrier.",
      cutOffRows(coverage),
    ),
    deliverText(coverage),
    summary(coverage),
  ];
  return `${sections.filter((text) => text !== "").join("\n\n")}\n`;
}

function section(title: string, rows: readonly Row[]): string {
  return rows.length === 0 ? "" : `${title}\n${table(rows, "  ")}`;
}

function missingRows({ functions }: Coverage): Row[] {
  return functions
    .filter(({ status }) => status === "missing")
    .map(({ path, kind, visibility }) => [path, `${visibility} ${kind}`]);
}

function routeRows({ routes }: Coverage): Row[] {
  return routes.filter(({ instrumented }) => !instrumented).map(({ path }) => [path]);
}

function cutOffRows({ cutOff }: Coverage): Row[] {
  const shown = cutOff.slice(0, MAX_CUT_OFF).map((path) => [path]);
  return cutOff.length > MAX_CUT_OFF ? [...shown, [`and ${cutOff.length - MAX_CUT_OFF} more`]] : shown;
}

function staleRow({ pattern, reason }: StaleEntry): Row {
  const why = {
    matchesNothing: "covers no mutation or action",
    onlyInstrumented: "covers only instrumented functions, which get no carrier because of it",
  };
  return [`"${pattern}"`, why[reason]];
}

function deliverText({ deliver }: Coverage): string {
  if (deliver.status !== "missing") return "";
  return `There is no internal action ${deliver.path}: export \`deliver\` next to the builders, or spans of mutations
and HTTP actions cannot be sent. If it is exported elsewhere, name it with --deliver.`;
}

function moduleTable(functions: readonly CoveredFunction[]): string {
  if (functions.length === 0) return "No functions found.";
  const modules = [...new Set(functions.map(({ module }) => module))];
  const rows = modules.map((module) => [module, ...counts(functions.filter((entry) => entry.module === module))]);
  return table([["module", "instrumented", "listed", "missing", "queries"], ...rows, ["total", ...counts(functions)]]);
}

function counts(functions: readonly CoveredFunction[]): string[] {
  const statuses = ["instrumented", "listed", "missing", "notNeeded"] as const;
  return statuses.map((wanted) => String(functions.filter(({ status }) => status === wanted).length));
}

function summary({ functions, skipped }: Coverage): string {
  const relevant = functions.filter(({ kind }) => kind !== "query");
  const missing = relevant.filter(({ status }) => status === "missing").length;
  const unknown =
    skipped.length === 0 ? "" : ` Unknown: ${skipped.length} skipped ${plural("module", skipped.length)}.`;
  return `${missing} of ${relevant.length} mutations and actions ${missing === 1 ? "is" : "are"} missing.${unknown}`;
}

function plural(noun: string, count: number): string {
  return count === 1 ? noun : `${noun}s`;
}
