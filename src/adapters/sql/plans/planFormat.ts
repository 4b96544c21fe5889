/** How a database is asked for a plan, and what is read in its answer: one format for each of them. */
import type { SqlFingerprint } from "../fingerprintSql.js";
import type { SqlFingerprinter } from "../sqlFingerprinter.js";
import type { PlanNode } from "./planTree.js";

/** The plans of one kind of database. */
export interface PlanFormat {
  /** What stands before a statement that is to be explained: `EXPLAIN (FORMAT JSON)`. */
  readonly prefix: string;
  /** Reads what it returned; undefined if that is no plan. Never throws. */
  read(returned: unknown, explained: ExplainedStatement): Plan | undefined;
}

/** The statement that a plan is of. */
export interface ExplainedStatement {
  readonly known: SqlFingerprint;
  readonly fingerprint: SqlFingerprinter;
}

/** A plan that is fit for telemetry. */
export interface Plan {
  /** The whole of it, with `?` for each literal. */
  readonly root: PlanNode;
  /** Tables that are read from end to end. */
  readonly scans: readonly TableScan[];
  /** The planner's estimates, where it tells. */
  readonly cost?: number | undefined;
  readonly rows?: number | undefined;
}

/** A table that is read from end to end. */
export interface TableScan {
  readonly table: string;
  /** The columns that it is filtered by, which an index could be on. */
  readonly columns: readonly string[];
}
