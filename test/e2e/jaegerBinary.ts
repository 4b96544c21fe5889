/**
 * Where the Jaeger under test is, or why there is none. A machine without Go skips the end-to-end tests with one clear
 * line; where they are required (`CONVEX_OTEL_E2E=required`, as in CI) the same is a failure.
 */
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";

/** Exit code of build.mjs that means: nothing is wrong but the missing Go. */
const GO_MISSING = 3;

const root = resolve(import.meta.dirname, "../..");

/** Path of the Jaeger binary, built if need be (minutes, once); undefined where it cannot be and need not. */
export function jaegerBinary(): string | undefined {
  const build = spawnSync(process.execPath, [resolve(root, "tools/backends/jaeger/build.mjs")], {
    stdio: ["ignore", "pipe", "inherit"],
    encoding: "utf8",
  });
  if (build.status === 0) return build.stdout.trim();
  if (build.status === GO_MISSING && process.env["CONVEX_OTEL_E2E"] !== "required") return undefined;
  throw new Error(`Jaeger is needed for the end-to-end tests, and its build ended with exit code ${build.status}`);
}
