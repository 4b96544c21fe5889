/** Where Prisma is installed, with a client that it generated. */
import { spawnSync } from "node:child_process";
import { resolve } from "node:path";

const script = resolve(import.meta.dirname, "../../tools/backends/prisma/build.sh");

/** Installs and generates if need be (half a minute, once); undefined where that fails and need not succeed. */
export function prismaFolder(): string | undefined {
  const build = spawnSync("bash", [script], { stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" });
  if (build.status === 0) return build.stdout.trim();
  const line = `Prisma could not be installed: ${build.stderr ?? build.error?.message}`;
  if (process.env["CONVEX_OTEL_E2E"] === "required") throw new Error(line);
  console.warn(`${line}; tests that need it are skipped`);
  return undefined;
}
