/** The public face of this folder: a statement in, what telemetry may say about it out. */
import { type DialectTraits, type SqlDialect, traitsOf } from "./dialects.js";
import { Lexer } from "./lexer.js";
import { Tokens } from "./tokens.js";

/** How to read a statement. */
export interface FingerprintSqlOptions {
  /**
   * The dialect, by the value of `db.system.name`. Any other value, or none, is read so that nothing leaks whichever dialect
   * it is.
   * @defaultValue `"other_sql"`
   */
  readonly dialect?: SqlDialect | (string & {}) | undefined;
}

/** What telemetry may say about a statement. Nothing in it comes from a literal or a comment. */
export interface SqlFingerprint {
  /** The statement with `?` for every literal: `db.query.text`. At most 32,768 characters. */
  readonly text: string;
  /** Its operations and targets, `SELECT pets owners`: `db.query.summary`, at most 255 characters. Null if it has none. */
  readonly summary: string | null;
  /**
   * The same for all statements of one shape, in every process and on every machine: `v1:` and 13 letters and digits.
   * A new release that groups differently starts it with a new version.
   */
  readonly fingerprint: string;
  /**
   * What became of the end of the statement:
   *
   * - `kept`: it was read to its end
   * - `redacted`: from some point on everything is one `?`, since a string, name or comment did not end (the statement was
   *   cut, or is none), or since a bare password followed
   * - `truncated`: it is longer than what is read (262,144 characters) or written (32,768)
   */
  readonly rest: "kept" | "redacted" | "truncated";
}

/** Characters of a statement that are read. They take some milliseconds, and longer statements are long lists. */
const MAX_STATEMENT_LENGTH = 1 << 18;

/** Characters of text: as many as the instrumentation for Java keeps. */
export const MAX_TEXT_LENGTH = 32 * 1024;

/**
 * Turns a statement into what telemetry may say about it: its text without literals and comments, a summary for the span's
 * name, and a fingerprint that groups statements of one shape. Takes any text, never throws, and takes time in proportion to
 * its length. Where the same statements come again and again, use {@link sqlFingerprinter}.
 *
 * @param sql - one statement, or several that semicolons separate
 *
 * @example
 * ```ts
 * import { fingerprintSql } from "convex-otel/sql";
 *
 * const { text, summary, fingerprint } = fingerprintSql("SELECT name FROM pets WHERE id IN (7, 8)", {
 *   dialect: "postgresql",
 * });
 * console.log(text); // SELECT name FROM pets WHERE id IN (?)
 * console.log(summary); // SELECT pets
 * console.log(fingerprint); // v1: and 13 letters and digits
 * ```
 */
export function fingerprintSql(sql: string, { dialect }: FingerprintSqlOptions = {}): SqlFingerprint {
  return readSql(sql, traitsOf(dialect)).result;
}

/** What was read, and whether the statement is nothing but what its text says. */
export interface ReadSql {
  readonly result: SqlFingerprint;
  /** It holds neither literals nor comments, so that keeping it keeps nobody's data. */
  readonly isFreeOfData: boolean;
}

/** The work of {@link fingerprintSql}, for traits that are known. */
export function readSql(sql: unknown, traits: DialectTraits): ReadSql {
  // Callers may be plain JavaScript, and instrumentation must not throw.
  const statement = typeof sql === "string" ? sql : "";
  const end = Math.min(statement.length, MAX_STATEMENT_LENGTH);
  const tokens = new Tokens(statement, end, traits, MAX_TEXT_LENGTH);
  new Lexer(statement, end, traits, tokens).read();
  const isCut = end < statement.length;
  const isTruncated = isCut || tokens.text.isOverLimit(end);
  const result: SqlFingerprint = {
    text: tokens.text.finish(end),
    summary: tokens.summary.finish(),
    fingerprint: tokens.shape.fingerprint(isCut ? "drop" : "count"),
    rest: isTruncated ? "truncated" : tokens.isRedacted ? "redacted" : "kept",
  };
  return { result, isFreeOfData: !tokens.hasLiterals && !tokens.hasComments && !isTruncated };
}
