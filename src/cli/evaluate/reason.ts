/**
 * Says in one line why something was thrown. Anything can be thrown, and errors of another context are no instances of
 * this one's `Error`.
 */
import { inspect } from "node:util";

// A line of a terminal or two; the rest of the message is seen when the module is deployed.
const MAX_LENGTH = 200;

/** Kind and first line of a thrown value. Never throws. */
export function reasonOf(thrown: unknown): string {
  const [line = ""] = textOf(thrown).trim().split("\n");
  return line.length > MAX_LENGTH ? `${line.slice(0, MAX_LENGTH - 1)}…` : line;
}

function textOf(thrown: unknown): string {
  try {
    const message = field(thrown, "message");
    if (message === undefined) return typeof thrown === "string" ? thrown : inspect(thrown, { depth: 0 });
    const name = field(thrown, "name");
    return name === undefined ? message : `${name}: ${message}`;
  } catch {
    return "something that cannot be printed";
  }
}

function field(thrown: unknown, name: string): string | undefined {
  if (typeof thrown !== "object" || thrown === null) return undefined;
  const value: unknown = Reflect.get(thrown, name);
  return typeof value === "string" ? value : undefined;
}
