/**
 * Programs from the distribution's packages. A machine without one skips the tests that need it, with one clear line; where
 * they are required (`CONVEX_OTEL_E2E=required`, as in CI) the same is a failure.
 */
import { accessSync, constants, readdirSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Path of a program; undefined where it is missing and need not be there. */
export function installedBinary(name: string, debianPackage: string): string | undefined {
  const path = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", ...postgresFolders()]
    .map((folder) => join(folder, name))
    .find(isExecutable);
  if (path !== undefined) return path;
  const line = `${name} is not installed (Debian: apt-get install ${debianPackage})`;
  if (process.env["CONVEX_OTEL_E2E"] === "required") throw new Error(`${line}, and the end-to-end tests need it`);
  console.warn(`${line}: tests that need it are skipped`);
  return undefined;
}

/** Debian keeps the programs of PostgreSQL by version, apart from all others. The newest first. */
function postgresFolders(): readonly string[] {
  const root = "/usr/lib/postgresql";
  try {
    const versions = readdirSync(root).sort((a, b) => Number(b) - Number(a));
    return versions.map((version) => join(root, version, "bin"));
  } catch {
    return [];
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
