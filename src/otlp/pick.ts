/** Options that name the entry of a table, such as a region. */
import { unknownEntry } from "./exporterOptions.js";

/**
 * @internal
 * The entry of a table that an option names.
 *
 * @throws TypeError naming the option, what was given and what is allowed
 */
export function pick<Key extends string, Value>(
  where: string,
  option: string,
  table: Readonly<Record<Key, Value>>,
  given: Key,
): Value {
  if (Object.hasOwn(table, given)) return table[given];
  throw unknownEntry(where, option, table, given);
}
