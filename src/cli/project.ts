/**
 * Where an app keeps its functions, as the Convex command line finds it: `convex.json`, or its defaults.
 */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";

import { UsageError } from "./io.js";

/** What a command has to know about an app. */
export interface Project {
  /** The folder with the functions, absolute. */
  readonly functionsDir: string;
  /** Packages that are not bundled into `"use node"` modules. */
  readonly external: readonly string[];
}

// Stubs of these would hide the functions that are built with them.
const NEVER_EXTERNAL = new Set(["convex", "convex-otel", "convex-helpers"]);

const DEPENDENCY_FIELDS = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"];

/**
 * Reads the settings of an app.
 *
 * @param dir - The folder with `convex.json` or, without one, with `convex/`.
 * @throws UsageError if there is no folder with functions, or `convex.json` cannot be read.
 */
export function readProject(dir: string): Project {
  const config = readJson(path.join(dir, "convex.json"));
  const manifest = readJson(path.join(dir, "package.json"));
  const functions = config["functions"] ?? (usesReactScripts(manifest) ? "src/convex" : "convex");
  if (typeof functions !== "string") throw new UsageError(`"functions" in convex.json is not a path.`);
  const functionsDir = path.resolve(dir, functions);
  if (!existsSync(functionsDir)) throw new UsageError(`There are no Convex functions in ${functionsDir}.`);
  return { functionsDir, external: externalPackages(config, manifest) };
}

type Json = Readonly<Record<string, unknown>>;

function readJson(file: string): Json {
  if (!existsSync(file)) return {};
  try {
    return record(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    throw new UsageError(`Cannot read ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function record(value: unknown): Json {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

// Create React App bans imports from outside of src, so Convex puts the functions inside.
function usesReactScripts(manifest: Json): boolean {
  return dependencies(manifest).includes("react-scripts");
}

function dependencies(manifest: Json): string[] {
  return DEPENDENCY_FIELDS.flatMap((field) => Object.keys(record(manifest[field])));
}

function externalPackages(config: Json, manifest: Json): string[] {
  const listed = record(config["node"])["externalPackages"];
  const names = Array.isArray(listed) ? listed.filter((name): name is string => typeof name === "string") : [];
  const all = names.includes("*") ? dependencies(manifest) : names;
  return all.filter((name) => !NEVER_EXTERNAL.has(name));
}
