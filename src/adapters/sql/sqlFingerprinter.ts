/** A fingerprinter with a memory, for instrumentations: the statements of a server are few, and most come with parameters. */
import { traitsOf } from "./dialects.js";
import { FingerprintCache } from "./fingerprintCache.js";
import { type FingerprintSqlOptions, readSql, type SqlFingerprint } from "./fingerprintSql.js";

/** How to read statements, and how much to remember of them. */
export interface SqlFingerprinterOptions extends FingerprintSqlOptions {
  /**
   * Bytes that remembered statements may take; 0 remembers none. Only statements without literals and comments are
   * remembered: those with parameters. So no literal stays in memory, and statements that never come again crowd out none.
   * @defaultValue 1 MiB
   */
  readonly cacheBytes?: number | undefined;
}

/** Does what {@link fingerprintSql} does. The same statement may get the same object. */
export type SqlFingerprinter = (sql: string) => SqlFingerprint;

const DEFAULT_CACHE_BYTES = 1 << 20;

/**
 * A function that does what {@link fingerprintSql} does, and remembers statements that hold no data. One for each client or
 * pool: it belongs to one dialect.
 *
 * @throws TypeError if `cacheBytes` is no number from 0 on
 *
 * @example
 * ```ts
 * import { sqlFingerprinter } from "convex-otel/sql";
 *
 * const fingerprint = sqlFingerprinter({ dialect: "postgresql" });
 * const { summary } = fingerprint("SELECT name FROM pets WHERE id = $1");
 * console.log(summary); // SELECT pets
 * ```
 */
export function sqlFingerprinter({
  dialect,
  cacheBytes = DEFAULT_CACHE_BYTES,
}: SqlFingerprinterOptions = {}): SqlFingerprinter {
  if (typeof cacheBytes !== "number" || !(cacheBytes >= 0)) {
    throw new TypeError(`sqlFingerprinter: cacheBytes is ${String(cacheBytes)}; give a number of bytes from 0 on.`);
  }
  const traits = traitsOf(dialect);
  const cache = new FingerprintCache(cacheBytes);
  return (sql) => {
    const known = cache.get(sql);
    if (known !== undefined) return known;
    const { result, isFreeOfData } = readSql(sql, traits);
    // Callers may be plain JavaScript here, too: what is no text has no place in the memory.
    if (isFreeOfData && typeof sql === "string") cache.add(sql, result);
    return result;
  };
}
