/**
 * Reads the JSON of MariaDB's `EXPLAIN`, which is none: what is in its texts it writes down as it is, quotation marks and backslashes
 * of literals included (MDEV-16462; versions that escape them came late). As JSON it may be broken, or say what a literal wants
 * it to say, `", "table_name": "my secret`. But each member has a line of its own, and no literal has line breaks.
 */
import { fingerprintSql } from "../fingerprintSql.js";

/** A line with a text: of a member, or of a list. Lists of names on one line are left as they are. */
const TEXT_LINE = /^(\s*(?:"[\w-]+": )?)"(.*)"(,?)$/;

/** The document. Throws if it is none. */
export function mariadbDocument(document: unknown): unknown {
  if (typeof document !== "string") throw new TypeError("not a text");
  const lines = document.split("\n").map((line) => {
    const [, before, text, after] = TEXT_LINE.exec(line) ?? [];
    return text === undefined ? line : `${before}${JSON.stringify(expression(text))}${after}`;
  });
  return JSON.parse(lines.join("\n"));
}

/**
 * What a text says, escaped or not. Where it can be both, the right reading is one of SQL to its end; where both are, nobody
 * knows which of them ends a literal too early.
 */
function expression(text: string): string {
  const [plain = "", escaped] = [text, unescaped(text)].map((reading) => reading?.replace(SUBQUERY, "(subquery)"));
  if (escaped === undefined || escaped === plain) return plain;
  const readings = [plain, escaped].map((reading) => fingerprintSql(reading, { dialect: "mariadb" }).text);
  const whole = [plain, escaped].filter((reading) => fingerprintSql(reading, { dialect: "mariadb" }).rest === "kept");
  return whole.length === 1 || readings[0] === readings[1] ? (whole[0] ?? "?") : "?";
}

/** What stands for a subquery; where a `#` is, MariaDB itself would read a comment. */
const SUBQUERY = /\(subquery#\d+\)/g;

function unescaped(text: string): string | undefined {
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return undefined;
  }
}
