/**
 * Judges what an app registers: what is instrumented, what its list excuses, and what is missing. Pure: it gets
 * evaluated modules and gives plain data, which is also what `--json` prints.
 */
import { covers } from "../core/sampler.js";

import type { EvaluatedModule } from "./evaluate/modules.js";
import {
  exportedList,
  type RegisteredFunction,
  type RegisteredRoute,
  registeredFunctions,
  registeredRoutes,
} from "./registered.js";

/**
 * `instrumented`: built with our builders. `listed`: not, and covered by the list. `missing`: neither, so a call would
 * carry an argument that the function rejects. `notNeeded`: a query.
 */
export type CoverageStatus = "instrumented" | "listed" | "missing" | "notNeeded";

/** A function and how it is covered. */
export interface CoveredFunction extends RegisteredFunction {
  readonly status: CoverageStatus;
}

/** An entry of the list that has done its job. */
export interface StaleEntry {
  readonly pattern: string;
  /** It covers no mutation or action any more, or only instrumented ones, which then get no carrier. */
  readonly reason: "matchesNothing" | "onlyInstrumented";
}

/** A module that could not be evaluated; what it registers is unknown. */
export interface SkippedModule {
  readonly module: string;
  readonly reason: string;
}

/** What is and what is not instrumented in an app. */
export interface Coverage {
  readonly functions: readonly CoveredFunction[];
  readonly routes: readonly RegisteredRoute[];
  readonly skipped: readonly SkippedModule[];
  /** The list that was applied. */
  readonly uninstrumented: readonly string[];
  readonly stale: readonly StaleEntry[];
  /**
   * Paths of instrumented functions that an entry covers which is still needed for others: nobody gives them a carrier.
   */
  readonly cutOff: readonly string[];
  /** Where `deliver` has to be, and whether it is; not required while nothing is instrumented. */
  readonly deliver: { readonly path: string; readonly status: "found" | "missing" | "notNeeded" };
}

/** What the caller decides. */
export interface CoverageOptions {
  /** Replaces the arrays named `uninstrumented` that the app's modules export. */
  readonly uninstrumented?: readonly string[] | undefined;
  /** Path of the exported `deliver` action. */
  readonly deliver: string;
}

/** Judges the modules of an app. */
export function coverageOf(modules: readonly EvaluatedModule[], options: CoverageOptions): Coverage {
  const evaluated = modules.filter((module) => module.outcome === "evaluated");
  const registered = evaluated.flatMap(({ module, exports }) => registeredFunctions(module.name, exports));
  const list = options.uninstrumented ?? evaluated.flatMap(({ exports }) => exportedList(exports) ?? []);
  const functions: CoveredFunction[] = registered.map((entry) => ({
    ...entry,
    status: statusOf(entry, list, options.deliver),
  }));
  const stale = list.flatMap((pattern) => staleness(pattern, functions));
  const needed = list.filter((pattern) => !stale.some((entry) => entry.pattern === pattern));
  return {
    functions,
    routes: evaluated.flatMap(({ module, exports }) => registeredRoutes(module.name, exports)),
    skipped: modules.flatMap((entry) =>
      entry.outcome === "failed" ? [{ module: entry.module.name, reason: entry.reason }] : [],
    ),
    uninstrumented: list,
    stale,
    cutOff: functions.filter((entry) => isCutOff(entry, needed, options.deliver)).map(({ path }) => path),
    deliver: { path: options.deliver, status: deliverStatus(functions, options.deliver) },
  };
}

function statusOf(entry: RegisteredFunction, list: readonly string[], deliver: string): CoverageStatus {
  if (entry.kind === "query") return "notNeeded";
  // Ours, and never called with a carrier.
  if (entry.instrumented || isDeliver(entry, deliver)) return "instrumented";
  return list.some((pattern) => covers(pattern, entry.path)) ? "listed" : "missing";
}

function isDeliver(entry: RegisteredFunction, deliver: string): boolean {
  return entry.path === deliver && entry.kind === "action" && entry.visibility === "internal";
}

function deliverStatus(functions: readonly CoveredFunction[], deliver: string): Coverage["deliver"]["status"] {
  if (functions.some((entry) => isDeliver(entry, deliver))) return "found";
  return functions.some((entry) => entry.instrumented) ? "missing" : "notNeeded";
}

function isCutOff(entry: CoveredFunction, list: readonly string[], deliver: string): boolean {
  if (entry.status !== "instrumented" || isDeliver(entry, deliver)) return false;
  return list.some((pattern) => covers(pattern, entry.path));
}

function staleness(pattern: string, functions: readonly CoveredFunction[]): StaleEntry[] {
  const covered = functions.filter(({ status, path }) => status !== "notNeeded" && covers(pattern, path));
  if (covered.length === 0) return [{ pattern, reason: "matchesNothing" }];
  return covered.every(({ status }) => status === "instrumented") ? [{ pattern, reason: "onlyInstrumented" }] : [];
}
