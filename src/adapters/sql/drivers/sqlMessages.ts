/**
 * What telemetry may know of the messages of databases, which quote the values that they refuse. That goes for the span of the
 * statement and for all spans around it: the error passes through them, as it is or in an error of Drizzle or Prisma.
 */
import { addMessageRule } from "../../../core/errorRules.js";
import { asDriverError, type DatabaseError, type DriverError, raisedBy } from "./databaseError.js";

/** Errors of Drizzle hold the statement and what was bound to it, and say both. */
interface DrizzleError {
  readonly query?: unknown;
  readonly params?: unknown;
  readonly cause?: unknown;
}

/** Errors in errors, and so on: further down nobody has put one. */
const MAX_DEPTH = 8;

/** From now on, spans record no value that a message of a database quotes. */
export function protectMessages(): void {
  addMessageRule("sql", (thrown) => knownMessage(thrown, MAX_DEPTH));
}

/** The words of the database itself; undefined for those of the application, which may say anything. */
export function databaseMessage({ words }: DatabaseError, { message }: DriverError): string | undefined {
  return words === "database" && typeof message === "string" ? withoutValues(message) : undefined;
}

/** The message of an error that is of a database, or came about by one; undefined for all others. */
function knownMessage(thrown: unknown, depth: number): string | undefined {
  const error = asDriverError(thrown);
  const raised = raisedBy(error);
  if (raised !== undefined) return databaseMessage(raised, error) ?? "";
  const { name, message } = error;
  if (depth === 0 || typeof message !== "string") return undefined;
  if (typeof name === "string" && name.startsWith("PrismaClient")) return lastLine(message);
  const { query, params, cause } = wrapping(thrown);
  const inner = knownMessage(cause, depth - 1);
  if (typeof query === "string" && Array.isArray(params)) return inner ? `Failed query: ${inner}` : "Failed query";
  const quoted = asDriverError(cause).message;
  return inner === undefined || typeof quoted !== "string" || quoted === "" || !message.includes(quoted)
    ? undefined
    : message.replaceAll(quoted, () => inner);
}

function wrapping(thrown: unknown): DrizzleError {
  try {
    const { query, params, cause } = thrown as DrizzleError;
    return { query, params, cause };
  } catch {
    return {};
  }
}

/** Prisma shows the call with its arguments, and says what is wrong below. */
function lastLine(message: string): string {
  return withoutValues(message.trimEnd().split("\n").at(-1) ?? "");
}

/**
 * Databases put what they quote between quotation marks, of which it may hold some itself, or behind a colon. Names are lost
 * with the values: which of both it is only the database knows.
 */
function withoutValues(message: string): string {
  return message.replace(/["'`‘’“”«»„][^]*["'`‘’“”«»„]|["'`‘’“”«»„][^]*$/, "?").replace(/:[^]*$/, "");
}
