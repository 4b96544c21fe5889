/** Tells statements that only start, end or mark a transaction: there are two around each, and they say little. */

const CONTROL =
  /^\s*(?:BEGIN|START\s+TRANSACTION|COMMIT|END|ROLLBACK|ABORT|SAVEPOINT|RELEASE|SET\s+TRANSACTION)\b[^;]*;?\s*$/i;

/** Longer ones are something else, or carry comments. */
const LONGEST = 200;

/** Whether a statement does nothing but that. */
export function isTransactionControl(sql: unknown): boolean {
  return typeof sql === "string" && sql.length <= LONGEST && CONTROL.test(sql);
}
