/**
 * Whether two transactions could run at the same time. Convex lets a mutation commit only if nothing that it has read has been
 * written since it began (`crates/database/src/{reads,committer}.rs` of get-convex/convex-backend); otherwise it runs again.
 */
import { compareValues, type Value } from "convex/values";

import type { StrictBound, StrictDocument, StrictIndexKey, StrictRead, StrictWrite } from "./readWriteSets.js";
import { valueAt } from "./recordedQuery.js";
import type { StrictCall } from "./types.js";

/** What is known of a transaction: a call of a mutation, or of a query. */
export type StrictTransaction = Pick<StrictCall, "readSet" | "writeSet">;

/** Why two transactions are in conflict. */
export interface StrictConflict {
  /** The index of the one that has read, among the two: if the other commits first, it has to run again. */
  readonly reader: 0 | 1;
  readonly read: StrictRead;
  readonly write: StrictWrite;
}

/**
 * Whether one of two mutations would have to run again if they had run at the same time, as they ran: one has written what the
 * other has read. The order of the two does not matter. What was inserted counts as newer than all that was there.
 *
 * It compares what happened, so let both run on what they would find: a document that one has inserted and the other has read
 * is a conflict, although they cannot have run at the same time. A query is in conflict with a mutation that changes its
 * result, or could.
 *
 * @example
 * ```ts
 * import { conflictsWith, strictConvex } from "convex-otel/testing/strict";
 * import { internal } from "../convex/_generated/api";
 * import schema from "../convex/schema";
 *
 * const { t, callsOf, close } = await strictConvex({ dir: "convex", schema });
 * await t.mutation(internal.pipeline.receive, { payload: "no JSON" });
 * await t.mutation(internal.pipeline.receive, { payload: "none either" });
 * const [one, two] = callsOf("pipeline:receive");
 * console.log(one && two && conflictsWith(one, two)); // false: both only insert, which reads nothing
 * await close();
 * ```
 */
export function conflictsWith(one: StrictTransaction, other: StrictTransaction): boolean {
  return conflictsBetween(one, other).length > 0;
}

/**
 * What two mutations are in conflict about, empty if nothing: as {@link conflictsWith}, with the reasons.
 *
 * @example
 * ```ts
 * import { conflictsBetween, type StrictTransaction } from "convex-otel/testing/strict";
 *
 * const nobody: StrictTransaction = { readSet: [], writeSet: [] };
 * console.log(conflictsBetween(nobody, nobody)); // []
 * ```
 */
export function conflictsBetween(one: StrictTransaction, other: StrictTransaction): readonly StrictConflict[] {
  return [...overlaps(0, one, other), ...overlaps(1, other, one)];
}

function overlaps(reader: 0 | 1, { readSet }: StrictTransaction, { writeSet }: StrictTransaction): StrictConflict[] {
  const conflicts: StrictConflict[] = [];
  for (const write of writeSet) {
    const read = readSet.find((candidate) => isHit(candidate, write));
    if (read !== undefined) conflicts.push({ reader, read, write });
  }
  return conflicts;
}

// `writes_overlap_docs` in reads.rs: the document falls into the range as it was, or as it is now.
function isHit(read: StrictRead, { componentPath, table, before, after }: StrictWrite): boolean {
  if (read.componentPath !== componentPath || read.table !== table) return false;
  return [before, after].some((document) => document !== undefined && isInRange(read, document));
}

function isInRange(read: StrictRead, document: StrictDocument): boolean {
  const { after, upTo } = read;
  if (!read.bounds.every((bound) => holds(bound, document))) return false;
  if (after !== undefined && distance(read, document, after) <= 0) return false;
  return upTo === undefined || distance(read, document, upTo) <= 0;
}

function holds({ field, comparison, value }: StrictBound, document: StrictDocument): boolean {
  const result = compareField(document, field, value);
  switch (comparison) {
    case "eq":
      return result === 0;
    case "gt":
      return result > 0;
    case "gte":
      return result >= 0;
    case "lt":
      return result < 0;
    case "lte":
      return result <= 0;
  }
}

// Below zero if the document comes before the key in the order of the read.
function distance({ fields, order }: StrictRead, document: StrictDocument, key: StrictIndexKey): number {
  for (const [position, field] of fields.entries()) {
    // Of two documents that have just been inserted, either can be the newer one: it counts as a hit.
    if (field === "_creationTime" && document[field] === undefined && key[position] === undefined) return 0;
    const result = compareField(document, field, key[position]);
    if (result !== 0) return order === "asc" ? result : -result;
  }
  return 0;
}

function compareField(document: StrictDocument, field: string, value: Value | undefined): number {
  const own = valueAt(document, field);
  if (field !== "_creationTime" || (own !== undefined && value !== undefined)) return compareValues(own, value);
  // What has been inserted is newer than what was there.
  return own === undefined ? 1 : -1;
}
