/** Literals of every dialect in all their forms, each with a sentinel in it that must not be seen again. */
import type { SqlDialect } from "../../../../src/adapters/sql/index.js";
import type { Random } from "./random.js";

export const DIALECTS: readonly SqlDialect[] = [
  "postgresql",
  "mysql",
  "mariadb",
  "sqlite",
  "microsoft.sql_server",
  "oracle.db",
  "other_sql",
];

type Form = (word: string, digits: string) => string;

const COMMON: readonly Form[] = [
  (word) => `'${word}'`,
  (word) => `'it''s ${word}'`,
  (word) => `'${word} -- no comment'`,
  (word) => `'/* ${word}'`,
  (word) => `'a "${word}" b'`,
  (word) => `'x''${word}''y'`,
  (word) => `'${word}; DROP TABLE x'`,
  (word) => `'# ${word} $$ [ \` {'`,
  (word) => `'’${word}‘ 猫'`,
  (_word, digits) => digits,
  (_word, digits) => `${digits}.25`,
  (_word, digits) => `.${digits}`,
  (_word, digits) => `-${digits}`,
  (_word, digits) => `${digits}e-9`,
];

/** Strings in which a backslash is nothing special. */
const PLAIN: readonly Form[] = [(word) => `'C:\\${word}\\'`, (word) => `'${word}\\'`];

const DOLLAR: readonly Form[] = [
  (word) => `$$${word} it's$$`,
  (word) => `$n$${word} $$ ' " $n$`,
  (word) => `$ñ_1$it's ${word} $ñ$ $ñ_1$`,
];

const MYSQL: readonly Form[] = [
  ...COMMON,
  (word) => `"${word}"`,
  (word) => `"a ""${word}"" b"`,
  (word) => `"it's ${word}"`,
  (word) => `'it\\'s ${word}'`,
  (word) => `"say \\"${word}\\""`,
  (word) => `'${word}\\\\'`,
  (word) => `_utf8mb4'${word}'`,
  (word) => `N'${word}'`,
  (_word, digits) => `0x${digits}`,
  (_word, digits) => `X'${digits}0'`,
];

const FORMS: Readonly<Record<SqlDialect, readonly Form[]>> = {
  postgresql: [
    ...COMMON,
    ...PLAIN,
    ...DOLLAR,
    (word) => `E'it\\'s ${word}'`,
    (word) => `e'${word}\\\\'`,
    (word) => `U&'${word}'`,
    (_word, digits) => `X'${digits}'`,
    (_word, digits) => `0x${digits}`,
    (_word, digits) => `${digits}_000`,
    (word) => `date '${word}'`,
    (word) => `json'{"k":"${word}"}'`,
  ],
  mysql: MYSQL,
  mariadb: MYSQL,
  sqlite: [...COMMON, ...PLAIN, (word) => `"${word}"`, (word) => `"it's ${word}"`, (_word, digits) => `x'${digits}0'`],
  "microsoft.sql_server": [
    ...COMMON,
    ...PLAIN,
    (word) => `N'${word}'`,
    (word) => `N'it''s ${word}'`,
    (_word, digits) => `0x${digits}`,
    (_word, digits) => `$${digits}.50`,
    (_word, digits) => `£${digits}`,
  ],
  "oracle.db": [
    ...COMMON,
    ...PLAIN,
    (word) => `q'[it's ${word}]'`,
    (word) => `q'{'${word}'}'`,
    (word) => `Q'!don't ${word}!'`,
    (word) => `nq'<${word}>'`,
    (word) => `N'${word}'`,
    (word) => `DATE '${word}'`,
    (_word, digits) => `${digits}.5f`,
  ],
  other_sql: [
    ...COMMON,
    ...DOLLAR,
    (word) => `"${word}"`,
    (word) => `E'it\\'s ${word}'`,
    (word) => `q'[it's ${word}]'`,
    (word) => `N'${word}'`,
    (_word, digits) => `0x${digits}`,
  ],
};

/** A literal, and what must not be seen of it. */
export interface Literal {
  readonly sql: string;
  readonly sentinel: string;
}

/** Makes literals with sentinels that occur nowhere else. */
export function literalsOf(dialect: SqlDialect, random: Random): () => Literal {
  let count = 0;
  const forms = FORMS[dialect];
  return () => {
    const number = 100_000 + random.below(900_000) + count++;
    const word = `zqx${number}secret`;
    const digits = `77${number}33`;
    const sql = random.pick(forms)(word, digits);
    return { sql, sentinel: sql.includes(word) ? word : digits };
  };
}
