/**
 * What a command gets from the terminal it runs in. Commands never touch `process` themselves, so that tests can run
 * them and read what they print.
 */

/** The terminal of a command. */
export interface CliIo {
  /** The folder the command was started in, absolute. */
  readonly cwd: string;
  /** Version of this package. */
  readonly version: string;
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
}

/** What a command ends with: 0 all is well, 1 it found something, 2 it could not do its work. */
export type ExitCode = 0 | 1 | 2;

/** The command line makes no sense; the message says why. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
