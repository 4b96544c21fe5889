/**
 * Statements that PostgreSQL's parser puts into one group and a reader of tokens cannot or should not: the same conditions in
 * another order, another schema, parentheses that change nothing. A share of such statements belongs into a corpus that a
 * grouping is judged on; how large it is in real applications nobody knows.
 */
import type { Part } from "../../test/adapters/sql/corpus/nodes.js";
import type { Random } from "../../test/adapters/sql/corpus/random.js";

/** One statement in twenty has a cousin. */
const SHARE = 0.05;

/** At most one other way to write a statement. */
export function cousins(parts: readonly Part[], random: Random): (readonly Part[])[] {
  if (!random.chance(SHARE)) return [];
  const change = random.pick([otherSchema, casted, otherAlias]);
  const changed = change(parts);
  return changed === undefined ? [] : [changed];
}

function otherSchema(parts: readonly Part[]): readonly Part[] | undefined {
  const at = parts.findIndex((part, i) => {
    const before = parts[i - 1];
    return part.kind === "name" && before?.kind === "word" && /^(FROM|INTO|UPDATE)$/.test(before.text);
  });
  const table = parts[at];
  return table?.kind === "name" ? parts.with(at, { kind: "name", text: `archive.${table.text}` }) : undefined;
}

/** A literal with a cast, which the parser does not count. */
function casted(parts: readonly Part[]): readonly Part[] | undefined {
  const at = parts.findIndex((part, i) => part.kind === "literal" && parts[i + 1]?.kind !== "symbol");
  if (at < 0) return undefined;
  return [
    ...parts.slice(0, at + 1),
    { kind: "symbol", text: "::" },
    { kind: "name", text: "text" },
    ...parts.slice(at + 1),
  ];
}

/** The column of the result is called something else. */
function otherAlias(parts: readonly Part[]): readonly Part[] | undefined {
  const at = parts.findIndex((part) => part.kind === "name" && part.text === "total");
  return at < 0 ? undefined : parts.with(at, { kind: "name", text: "sum_of_all" });
}
