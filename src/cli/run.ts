/**
 * The commands of `convex-otel`, by name. Everything about one command is in its own file; this one only picks it and
 * turns what it throws into an exit code.
 */
import { ConvexBundleError } from "../testing/convexBundleError.js";

import { CHECK_USAGE, check } from "./check.js";
import { type CliIo, type ExitCode, UsageError } from "./io.js";

interface Command {
  readonly summary: string;
  readonly usage: string;
  readonly run: (args: readonly string[], io: CliIo) => Promise<ExitCode>;
}

const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ["check", { summary: "says which functions of an app are not instrumented", usage: CHECK_USAGE, run: check }],
]);

/**
 * Runs one command line.
 *
 * @param argv - The arguments after the program's name.
 * @returns The exit code: 0 all is well, 1 the command found something, 2 it could not do its work.
 */
export async function runCli(argv: readonly string[], io: CliIo): Promise<ExitCode> {
  const [name, ...args] = argv;
  if (name === "--version" || name === "-v") return print(io, `${io.version}\n`);
  if (name === "--help" || name === "-h") return print(io, usage());
  const command = name === undefined ? undefined : COMMANDS.get(name);
  if (command === undefined) {
    io.stderr(`${name === undefined ? "No command given" : `Unknown command "${name}"`}.\n\n${usage()}`);
    return 2;
  }
  if (args.includes("--help") || args.includes("-h")) return print(io, command.usage);
  return await runCommand(command, args, io);
}

function print(io: CliIo, text: string): ExitCode {
  io.stdout(text);
  return 0;
}

async function runCommand(command: Command, args: readonly string[], io: CliIo): Promise<ExitCode> {
  try {
    return await command.run(args, io);
  } catch (error) {
    if (error instanceof UsageError) io.stderr(`${error.message}\n\n${command.usage}`);
    else if (error instanceof ConvexBundleError) io.stderr(`The app does not bundle:\n${indented(error.reasons)}\n`);
    else throw error;
    return 2;
  }
}

function indented(lines: readonly string[]): string {
  return lines.map((line) => `  ${line.replaceAll("\n", "\n  ")}`).join("\n");
}

function usage(): string {
  const commands = [...COMMANDS].map(([name, { summary }]) => `  ${name.padEnd(10)}${summary}`);
  return `Usage: convex-otel <command> [options]

Commands:
${commands.join("\n")}

Options:
  -h, --help     this text, or that of a command
  -v, --version  the version of convex-otel
`;
}
