/** What a failed statement says about itself, without the values that databases quote in their messages. */
import { recordError } from "../../../core/api.js";
import type { Span } from "../../../core/types.js";
import { DB_RESPONSE_STATUS_CODE, ERROR_TYPE } from "../../../semconv/attributes.js";

/** What drivers put on their errors. */
interface DriverError {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly code?: unknown;
  /** Of Postgres: only what the server says has one. */
  readonly severity?: unknown;
  /** Of MySQL. */
  readonly errno?: unknown;
  readonly sqlState?: unknown;
}

/** An error that the database itself raised. */
interface DatabaseError {
  /** SQLSTATE, or the code of the vendor. */
  readonly code: string;
  /** Whether the words are those of the database, or of the application (`RAISE`, `SIGNAL`), which may say anything. */
  readonly words: "database" | "application";
}

/** Records a failure on the span of its statement. */
export function recordSqlError(thrown: unknown, span: Span): void {
  const error = asObject(thrown);
  const raised = raisedBy(error);
  if (raised === undefined) {
    recordError(thrown, span);
    // Sockets fail with errors of one class; their code tells them apart.
    if (isWord(error.code)) span.setAttribute(ERROR_TYPE, error.code);
    return;
  }
  span.setAttributes({ [DB_RESPONSE_STATUS_CODE]: raised.code, [ERROR_TYPE]: raised.code });
  const message = raised.words === "database" && typeof error.message === "string" ? error.message : undefined;
  span.setStatus({ code: 2, message: message && withoutValues(message) });
}

/** SQLSTATE of a statement that was cancelled, by hand or for its time; mysql2's own limit for it. */
const CANCELED = new Set<unknown>(["57014", "PROTOCOL_SEQUENCE_TIMEOUT"]);

/** The same by the numbers of MySQL (`max_execution_time`) and of MariaDB (`max_statement_time`). */
const CANCELED_BY_NUMBER = new Set<unknown>([3024, 1969]);

/** Whether a statement failed because it took too long. */
export function isTimeout(thrown: unknown): boolean {
  const { code, errno } = asObject(thrown);
  return CANCELED.has(code) || CANCELED_BY_NUMBER.has(errno);
}

function raisedBy({ name, code, severity, errno, sqlState }: DriverError): DatabaseError | undefined {
  if (typeof severity === "string" && typeof code === "string") {
    return { code, words: code.startsWith("P0") ? "application" : "database" };
  }
  if (typeof errno === "number" && typeof sqlState === "string") {
    return { code: String(errno), words: sqlState === "45000" ? "application" : "database" };
  }
  if (name === "SqliteError" && typeof code === "string") {
    return { code, words: code === "SQLITE_CONSTRAINT_TRIGGER" ? "application" : "database" };
  }
  return undefined;
}

/**
 * Databases put what they quote between quotation marks, of which it may hold some itself, or behind a colon. Names are lost
 * with the values: which of both it is only the database knows.
 */
function withoutValues(message: string): string {
  return message.replace(/["'`‘’“”«»„][^]*["'`‘’“”«»„]|["'`‘’“”«»„][^]*$/, "?").replace(/:[^]*$/, "");
}

function isWord(code: unknown): code is string {
  return typeof code === "string" && /^[A-Z][A-Z0-9_]{1,63}$/.test(code);
}

/** What is read of it, once: anything may be thrown, such as an object that throws when it is looked at. */
function asObject(thrown: unknown): DriverError {
  if (typeof thrown !== "object" || thrown === null) return {};
  try {
    const { name, message, code, severity, errno, sqlState }: DriverError = thrown;
    return { name, message, code, severity, errno, sqlState };
  } catch {
    return {};
  }
}
