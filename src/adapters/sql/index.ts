/**
 * `convex-otel/sql`: what telemetry may say about SQL, and instrumentations of the drivers that run it. Imports no driver, and
 * what reads statements runs wherever JavaScript does.
 */
export type { SqlDialect } from "./dialects.js";
export { fingerprintSql, type FingerprintSqlOptions, type SqlFingerprint } from "./fingerprintSql.js";
export { type SqlBatch, summarizeBatch } from "./sqlBatch.js";
export { type SqlFingerprinter, sqlFingerprinter, type SqlFingerprinterOptions } from "./sqlFingerprinter.js";
export { type BetterSqlite3Like, instrumentBetterSqlite3 } from "./drivers/instrumentBetterSqlite3.js";
export { instrumentMysql2, type InstrumentMysql2Options, type Mysql2Like } from "./drivers/instrumentMysql2.js";
export { instrumentPg, type InstrumentPgOptions, type PgLike } from "./drivers/instrumentPg.js";
export { instrumentPglite, type PgliteLike } from "./drivers/instrumentPglite.js";
export type { CommentOptions, InstrumentSqlOptions } from "./drivers/options.js";
export type { SlowQueryPlanOptions } from "./plans/slowPlans.js";
