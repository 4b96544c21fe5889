/** Which statements a plan may be asked for: those that only read. `EXPLAIN` alone runs nothing; this is a second lock on that door. */
import type { SqlFingerprint } from "../fingerprintSql.js";

/** How a statement begins that may only read. */
const READS = /^[\s(]*(?:SELECT|WITH|VALUES|TABLE)\b/i;

/**
 * Words of what writes or locks, wherever they are: common table expressions that change data, `SELECT … INTO`, `FOR UPDATE`. A
 * column of that name costs a plan, no more.
 */
const WRITES = /\b(?:INSERT|UPDATE|DELETE|MERGE|TRUNCATE|INTO|SHARE|CALL|COPY|LOCK|CREATE|DROP|ALTER)\b/i;

/** Whether a statement is a single one that only reads, and was read to its end. */
export function isExplainable({ text, rest }: SqlFingerprint): boolean {
  return rest === "kept" && READS.test(text) && !WRITES.test(text) && !/;[\s;]*\S/.test(text);
}
