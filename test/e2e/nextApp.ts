/** The app in `next/`, built by Next.js and started as in production, with this package installed from its build. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { freePorts } from "./freePorts.js";
import { startsListening } from "./startsListening.js";

const ROOT = resolve(import.meta.dirname, "../..");

/** Next.js would end the process by itself, before its last spans have left: see `docs/http.md`. */
const ENVIRONMENT = {
  ...process.env,
  NODE_ENV: "production",
  NEXT_MANUAL_SIG_HANDLE: "true",
  NEXT_TELEMETRY_DISABLED: "1",
} as const;

/** Builds the app in a folder where Next.js is installed. Returns what the build prints. */
export async function buildNextApp(folder: string, bundler: "turbopack" | "webpack"): Promise<string> {
  const installed = join(folder, "node_modules/convex-otel");
  for (const stale of [installed, join(folder, "app"), join(folder, ".next")])
    rmSync(stale, { recursive: true, force: true });
  for (const part of ["package.json", "dist"]) cpSync(join(ROOT, part), join(installed, part), { recursive: true });
  cpSync(join(import.meta.dirname, "next"), folder, { recursive: true });
  const { stdout, stderr } = await promisify(execFile)("npx", ["next", "build", `--${bundler}`], {
    cwd: folder,
    env: ENVIRONMENT,
  });
  return stdout + stderr;
}

/** A running server. */
export interface NextServer {
  readonly url: string;
  /** Ends it as `docker stop` does. Returns its exit code and the signal that ended it. */
  stop(): Promise<readonly unknown[]>;
}

/** Starts what was built. */
export async function startNextApp(folder: string, env: NodeJS.ProcessEnv): Promise<NextServer> {
  const { next: port } = await freePorts("next");
  const program = join(folder, "node_modules/next/dist/bin/next");
  const args = [program, "start", "--port", String(port), "--hostname", "127.0.0.1"];
  const child = spawn(process.execPath, args, { cwd: folder, env: { ...ENVIRONMENT, ...env } });
  await startsListening("Next.js", child, port);
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      return await ended;
    },
  };
}
