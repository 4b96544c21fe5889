/** What a dollar sign starts: strings of PostgreSQL, or amounts of money of SQL Server. */
import { isCurrencySign } from "./characters.js";
import { behind } from "./literals.js";
import { startsNumber } from "./numbers.js";

/** `$$` or `$tag$`. A tag may hold letters of any script, and does not start with a digit. */
const TAG = /\$(?:[a-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$/iy;

/** `$1` with a fraction is no parameter. */
const AMOUNT = /\$\d+\.\d/y;

/** The end of the string that a tag opens at `at`: undefined if there is no tag, `UNTERMINATED` if it does not close. */
export function endOfDollarString(sql: string, at: number, end: number): number | undefined {
  TAG.lastIndex = at;
  const [tag] = TAG.exec(sql) ?? [];
  return tag === undefined ? undefined : behind(sql, tag, at + tag.length, end);
}

/** Whether `$` at `at` starts an amount although it could be a parameter: `$12.50`. */
export function isAmount(sql: string, at: number): boolean {
  AMOUNT.lastIndex = at;
  return AMOUNT.test(sql);
}

/** Whether a currency sign at `at` starts an amount. */
export function isMoney(sql: string, at: number, end: number): boolean {
  return isCurrencySign(sql.charCodeAt(at)) && startsNumber(sql, at + 1, end);
}
