/**
 * How the dialects of SQL differ in what a reader has to know to find the end of a literal: which characters quote, what
 * escapes, what starts a comment. Data only; `lexer.ts` asks, and nothing else in this folder knows a dialect.
 *
 * Where the dialect is unknown and two of them read the same text differently, the traits of `other_sql` choose the reading
 * that redacts more.
 */

import { foldTable } from "./characters.js";

/** Values of `db.system.name` whose SQL is known. Any other system is read as `other_sql`. */
export type SqlDialect =
  "postgresql" | "mysql" | "mariadb" | "sqlite" | "microsoft.sql_server" | "oracle.db" | "other_sql";

/** What the lexer has to know of a dialect. */
export interface DialectTraits {
  /**
   * A backslash in `'…'`: it escapes (`escape`), is a character like others (`plain`), or nobody knows (`unknown`: a quote
   * behind a backslash may or may not end the string).
   */
  readonly backslash: "escape" | "plain" | "unknown";
  /**
   * `"…"`: quotes a `name` or a `string`. `lenient` and `strict` are for databases where it can be both, and its place
   * decides; in the list of a SELECT, `lenient` takes it for a name and `strict` for a string.
   */
  readonly doubleQuotes: "name" | "string" | "lenient" | "strict";
  /** Whether `` `…` `` quotes a name. */
  readonly backticks: boolean;
  /** `[…]`: quotes a name (`name`), is an index (`index`), or a name where it looks like one (`unknown`). */
  readonly brackets: "name" | "index" | "unknown";
  /**
   * `$`: starts a dollar-quoted string or a parameter (`quote`), a parameter (`parameter`), a name (`name`), or an amount of
   * money (`money`).
   */
  readonly dollar: "quote" | "parameter" | "name" | "money";
  /** `@`: starts a variable and joins names (`variable`), or is an operator. */
  readonly at: "variable" | "operator";
  /** `#`: starts a comment, a name, or is an operator. */
  readonly hash: "comment" | "name" | "operator";
  /** Unquoted names: what may be in them, and their lower case. See {@link foldTable}. */
  readonly folds: Uint8Array;
  /** `?` behind an operand: a `parameter`, or the operator of PostgreSQL for JSON. */
  readonly question: "parameter" | "operator";
  /** `--`: always starts a comment, or only before white space. */
  readonly dashes: "comment" | "spaced";
  /** Whether comments nest. */
  readonly nestedComments: boolean;
  /** Whether a comment that starts with `/*!` is none: its content runs. */
  readonly executableComments: boolean;
  /** Whether `q'[…]'` quotes with any delimiter. */
  readonly alternativeQuotes: boolean;
  /** Whether a backslash escapes in `E'…'`. */
  readonly escapeStrings: boolean;
  /** Whether a word that starts with `_` and touches a string names its character set. */
  readonly introducers: boolean;
  /** Whether a name may start with a digit. */
  readonly digitNames: boolean;
}

/** `a@b` is one name where `@` is no operator: a table behind a database link of Oracle, an account of MySQL. */
const NAMES_WITH_AT = foldTable("@");
const NAMES_WITH_AT_AND_HASH = foldTable("@#");

const STANDARD: DialectTraits = {
  backslash: "plain",
  doubleQuotes: "name",
  backticks: false,
  brackets: "index",
  dollar: "name",
  at: "variable",
  hash: "operator",
  folds: NAMES_WITH_AT,
  question: "parameter",
  dashes: "comment",
  nestedComments: false,
  executableComments: false,
  alternativeQuotes: false,
  escapeStrings: false,
  introducers: false,
  digitNames: false,
};

const MYSQL: DialectTraits = {
  ...STANDARD,
  backslash: "escape",
  doubleQuotes: "string",
  backticks: true,
  hash: "comment",
  dashes: "spaced",
  executableComments: true,
  introducers: true,
  digitNames: true,
};

const TRAITS: Readonly<Record<SqlDialect, DialectTraits>> = {
  postgresql: {
    ...STANDARD,
    dollar: "quote",
    at: "operator",
    folds: foldTable(""),
    question: "operator",
    nestedComments: true,
    escapeStrings: true,
  },
  mysql: MYSQL,
  mariadb: MYSQL,
  sqlite: { ...STANDARD, doubleQuotes: "lenient", backticks: true, brackets: "name", dollar: "parameter" },
  "microsoft.sql_server": {
    ...STANDARD,
    brackets: "name",
    dollar: "money",
    hash: "name",
    folds: NAMES_WITH_AT_AND_HASH,
    nestedComments: true,
  },
  "oracle.db": { ...STANDARD, folds: NAMES_WITH_AT_AND_HASH, alternativeQuotes: true },
  other_sql: {
    ...STANDARD,
    backslash: "unknown",
    doubleQuotes: "strict",
    backticks: true,
    brackets: "unknown",
    dollar: "quote",
    nestedComments: true,
    alternativeQuotes: true,
    escapeStrings: true,
  },
};

/** The traits of a dialect; those of `other_sql` for a name that is not known, or none. */
export function traitsOf(dialect: string | undefined): DialectTraits {
  return isSqlDialect(dialect) ? TRAITS[dialect] : TRAITS.other_sql;
}

function isSqlDialect(dialect: string | undefined): dialect is SqlDialect {
  return dialect !== undefined && Object.hasOwn(TRAITS, dialect);
}
