/** Runs `convex-otel` on a fixture app, and keeps what it prints. */
import path from "node:path";

import { runCli } from "../../src/cli/run.js";

export interface CliRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The folder of a fixture app. */
export function fixture(app: string): string {
  return path.join(import.meta.dirname, "fixtures", app);
}

/** Runs a command line in the folder of a fixture app. */
export async function runIn(app: string, ...argv: string[]): Promise<CliRun> {
  let stdout = "";
  let stderr = "";
  const code = await runCli(argv, {
    cwd: fixture(app),
    version: "1.2.3",
    stdout: (text) => (stdout += text),
    stderr: (text) => (stderr += text),
  });
  return { code, stdout, stderr };
}
