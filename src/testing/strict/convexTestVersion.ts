/** Refuses a convex-test that is too old, before it fails in a way that nobody understands. */
import { createRequire } from "node:module";
import path from "node:path";

/** The oldest one whose database answers all that functions of today ask for. */
const OLDEST = "0.0.60";

/**
 * Looks at the convex-test that an app has installed.
 *
 * @param dir - A folder of the app; packages are looked up from here.
 * @throws Error if it is older than 0.0.60. If none is found from there, the one that was loaded has to do.
 */
export function checkConvexTest(dir: string): void {
  const version = installedVersion(createRequire(path.join(path.resolve(dir), "noop.js")));
  if (version === undefined || isAtLeast(version, OLDEST)) return;
  throw new Error(
    `strictConvex needs convex-test ${OLDEST} or later, and ${version} is installed: npm install --save-dev convex-test@latest`,
  );
}

function installedVersion(require: NodeJS.Require): string | undefined {
  try {
    const manifest: unknown = require("convex-test/package.json");
    const version: unknown = Reflect.get(Object(manifest) as object, "version");
    return typeof version === "string" ? version : undefined;
  } catch {
    return undefined;
  }
}

function isAtLeast(version: string, oldest: string): boolean {
  const [have, need] = [numbers(version), numbers(oldest)];
  const differing = need.findIndex((number, index) => number !== have[index]);
  return differing === -1 || (have[differing] ?? 0) > (need[differing] ?? 0);
}

function numbers(version: string): number[] {
  return (version.split("-")[0] ?? "").split(".").map(Number);
}
