/** The environment of the process. */

/** Reads one variable. */
export function processEnv(name: string): string | undefined {
  return process.env[name];
}
