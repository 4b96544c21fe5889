/** Packages of npm that the end-to-end tests use, installed apart from the project. */
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";

/** Runs `tools/backends/{name}/build.sh`, which takes half a minute once; undefined where that fails and need not succeed. */
export function installedFolder(name: string): string | undefined {
  const script = resolve(import.meta.dirname, "../../tools/backends", name, "build.sh");
  const build = spawnSync("bash", [script], { stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" });
  if (build.status === 0) return build.stdout.trim();
  const line = `${name} could not be installed: ${build.stderr ?? build.error?.message}`;
  if (process.env["CONVEX_OTEL_E2E"] === "required") throw new Error(line);
  console.warn(`${line}; tests that need it are skipped`);
  return undefined;
}
