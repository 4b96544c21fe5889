/** What instrumentations of drivers are told. Checked when it is set, so that nothing about it can go wrong later. */
import { optionError, reportOnce } from "../../../core/adapterOptions.js";
import type { Diagnostics } from "../../../core/ports.js";
import type { SlowQueryPlanOptions } from "../plans/slowPlans.js";

/** Options of all instrumentations of SQL drivers. */
export interface InstrumentSqlOptions {
  /**
   * Spans of statements that only start, end or mark a transaction: `BEGIN`, `COMMIT`, `SAVEPOINT`. One that fails has a
   * span in any case.
   *
   * @defaultValue `"omit"`
   */
  readonly transactions?: "omit" | "record" | undefined;
  /**
   * Takes the plans of slow queries that only read: with `EXPLAIN`, which does not run them, after they were answered, on another
   * connection of the pool. A client of node-postgres or a connection of mysql2 that is in no pool is never asked itself: for
   * each plan a connection of its own is opened, with the same parameters, and closed afterwards. PGlite and better-sqlite3
   * have one connection, which is asked between two calls.
   *
   * @defaultValue none are taken
   */
  readonly slowQueryPlans?: SlowQueryPlanOptions | undefined;
  /** Where this library reports about itself, once for each reason. @defaultValue `console.warn` and `console.error` */
  readonly diagnostics?: Diagnostics | undefined;
}

/** Options of drivers that send statements to a server. */
export interface CommentOptions {
  /**
   * Appends the identity of its span to each statement, as in `/*traceparent='00-…'*\/` (sqlcommenter), so that the log of the
   * server leads to the trace. Prepared statements stay as they are: a comment would make each a new one.
   *
   * @defaultValue `"none"`
   */
  readonly comments?: "none" | "traceparent" | undefined;
}

/** Options as the instrumentations use them. */
export interface SqlConfig {
  readonly transactions: "omit" | "record";
  readonly comments: "none" | "traceparent";
  /** Says a thing once. Never throws. */
  readonly report: Diagnostics;
}

const TRANSACTIONS = ["omit", "record"] as const;
const COMMENTS = ["none", "traceparent"] as const;

/**
 * Checks options and fills in the defaults.
 *
 * @throws TypeError naming the option, what was given and what is allowed
 */
export function resolveSql(where: string, options: InstrumentSqlOptions & CommentOptions): SqlConfig {
  const { transactions = "omit", comments = "none", diagnostics = printDiagnostic } = options;
  checkWord(where, "transactions", transactions, TRANSACTIONS);
  checkWord(where, "comments", comments, COMMENTS);
  if (typeof diagnostics !== "function") {
    throw optionError(where, "diagnostics", diagnostics, "a function (diagnostic) => void");
  }
  return { transactions, comments, report: reportOnce(diagnostics) };
}

function checkWord(where: string, option: string, given: unknown, allowed: readonly string[]): void {
  if (!allowed.includes(given as string)) {
    throw optionError(where, option, given, allowed.map((word) => `"${word}"`).join(" or "));
  }
}

function printDiagnostic({ level, code, message }: Parameters<Diagnostics>[0]): void {
  console[level](`[convex-otel] ${code}: ${message}`);
}
