#!/usr/bin/env node
/**
 * The program `convex-otel`: hands the real terminal to the commands.
 */
import { packageVersion } from "./packageVersion.js";
import { runCli } from "./run.js";

// exitCode and not exit(): a pipe may still be reading what was printed.
process.exitCode = await runCli(process.argv.slice(2), {
  cwd: process.cwd(),
  version: packageVersion(),
  stdout: (text) => process.stdout.write(text),
  stderr: (text) => process.stderr.write(text),
});
