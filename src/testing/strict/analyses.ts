/**
 * What modules export, as a deploy finds it. To look means to evaluate each module in a realm of its own, and tests deploy the same bundle
 * over and over: so what was found is kept with the scripts, as these are with the bundle.
 */
import type { StrictScripts } from "./compile.js";
import type { Observation } from "./observation.js";

/** Exports of a module, by name. */
export type Exports = Readonly<Record<string, unknown>>;

/** By what they depend on besides the scripts. */
const found = new WeakMap<StrictScripts, Map<string, Exports>>();

/** The exports that were found for a bundle. */
export function analysesOf(scripts: StrictScripts): Map<string, Exports> {
  const known = found.get(scripts) ?? new Map<string, Exports>();
  found.set(scripts, known);
  return known;
}

/** Whether a module, as it was evaluated, has looked at or done anything that may be different in the next deploy. */
export function dependsOnDeploy({ importReads, envReads, console, operations }: Observation): boolean {
  return importReads.clock + importReads.random + envReads.length + console.length + operations.length > 0;
}
