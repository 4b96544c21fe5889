/** Tells errors that a database raised from those of a driver or a socket, whichever driver it is. */

/** What drivers put on their errors. */
export interface DriverError {
  readonly name?: unknown;
  readonly message?: unknown;
  readonly code?: unknown;
  /** Of Postgres: only what the server says has one. */
  readonly severity?: unknown;
  /** Of Postgres: the function of the server that raised it. */
  readonly routine?: unknown;
  /** Of MySQL. */
  readonly errno?: unknown;
  readonly sqlState?: unknown;
}

/** An error that the database itself raised. */
export interface DatabaseError {
  /** SQLSTATE, or the code of the vendor. */
  readonly code: string;
  /** Whether the words are those of the database, or of the application (`RAISE`, `SIGNAL`), which may say anything. */
  readonly words: "database" | "application";
}

/** SQLSTATE of what procedures raise: of PL/pgSQL, and of those in languages from outside. A procedure may choose another one. */
const OF_PROCEDURES = /^(?:P0|38)/;

/** `RAISE` of PL/pgSQL, whatever its SQLSTATE. */
const RAISE = "exec_stmt_raise";

/** Numbers of MySQL and MariaDB for `SIGNAL`, which choose an SQLSTATE themselves: a warning, not found, an exception. */
const SIGNALS: readonly number[] = [1642, 1643, 1644];

/** The error as one of a database; undefined if it is none. */
export function raisedBy(error: DriverError): DatabaseError | undefined {
  const { name, code, severity, routine, errno, sqlState } = error;
  if (typeof severity === "string" && typeof code === "string") {
    return { code, words: OF_PROCEDURES.test(code) || routine === RAISE ? "application" : "database" };
  }
  if (typeof errno === "number" && typeof sqlState === "string") {
    return { code: String(errno), words: sqlState === "45000" || SIGNALS.includes(errno) ? "application" : "database" };
  }
  if (name === "SqliteError" && typeof code === "string") {
    return { code, words: code === "SQLITE_CONSTRAINT_TRIGGER" ? "application" : "database" };
  }
  return undefined;
}

/** What is read of it, once: anything may be thrown, such as an object that throws when it is looked at. */
export function asDriverError(thrown: unknown): DriverError {
  if (typeof thrown !== "object" || thrown === null) return {};
  try {
    const { name, message, code, severity, routine, errno, sqlState }: DriverError = thrown;
    return { name, message, code, severity, routine, errno, sqlState };
  } catch {
    return {};
  }
}
