/**
 * `convex-otel/sql`: what telemetry may say about SQL. Needs no database driver and runs wherever JavaScript does.
 */
export type { SqlDialect } from "./dialects.js";
export { fingerprintSql, type FingerprintSqlOptions, type SqlFingerprint } from "./fingerprintSql.js";
export { type SqlBatch, summarizeBatch } from "./sqlBatch.js";
export { type SqlFingerprinter, sqlFingerprinter, type SqlFingerprinterOptions } from "./sqlFingerprinter.js";
