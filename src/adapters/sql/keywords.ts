/**
 * The words of SQL that change how a statement is read, and what each of them changes. All other words, names or not,
 * are treated alike, so this is no list of reserved words.
 */
import { WORD_PRIME, WORD_SEED_A, WORD_SEED_B } from "./hash.js";

// What a word does in a statement: its role. Words of one role are read alike.
export const PLAIN = 0;
/** Starts a query, or a further one within a statement. */
export const SELECT = 1;
export const INSERT = 2;
export const UPDATE = 3;
export const DELETE = 4;
export const MERGE = 5;
export const CALL = 6;
export const EXECUTE = 7;
/** CREATE, ALTER, DROP. */
export const DEFINE = 8;
export const TRUNCATE = 9;
export const REPLACE = 10;
export const LOCK = 11;
export const USE = 12;
/** BEGIN, COMMIT, ROLLBACK. */
export const TRANSACT = 13;
/** GRANT, REVOKE, SHOW: have no target. */
export const GRANT = 14;
/** Statements without a summary that may hold a bare password. */
export const ADMINISTER = 15;
export const EXPLAIN = 16;
export const WITH = 17;
export const VALUES = 18;
export const FROM = 19;
export const INTO = 20;
/** JOIN, APPLY. */
export const JOIN = 21;
export const AS = 22;
/** Stands between a keyword and its target, and is none: ONLY, LATERAL, IF NOT EXISTS. */
export const SKIPPED = 23;
/** What a definition can define whose name is a target, and that has no password: INDEX, VIEW … */
export const OBJECT = 24;
/** The same: TABLE. */
export const TABLE = 43;
/** The same, that can have a password: USER, DATABASE. */
export const ACCOUNT = 44;
export const PASSWORD = 25;
export const IDENTIFIED = 26;
/** Ends the list of tables behind FROM. */
export const CLAUSE = 27;
export const NEXT = 28;
export const DISTINCT = 29;
/** Stands between CREATE and what is created: OR REPLACE, UNIQUE, TEMPORARY … */
export const MODIFIER = 30;
export const BOOLEAN = 31;
export const NULL = 32;
export const IN = 33;
export const BY = 34;
/** Says nothing: INNER before JOIN, OUTER behind LEFT. */
export const NOISE = 35;
export const IS = 36;
export const NOT = 37;
export const TRANSACTION = 38;
/** Functions whose one argument is a column in all but odd statements. */
export const AGGREGATE = 39;
export const BETWEEN = 40;
export const AND = 41;
export const SET = 42;

/** A type that can stand before a string: DATE '2024-05-06'. */
export const TYPE = 45;

/** Flag: an operand follows, so a sign behind the word belongs to a number. */
export const OPERAND_FOLLOWS = 1 << 8;
/** Flag: where `"x"` can be a name or a string, behind this word it is a name. */
export const NAME_FOLLOWS = 1 << 9;
/** Flag: a list in parentheses behind this word is one of names. */
export const NAME_LIST_FOLLOWS = 1 << 10;

const ROLE_MASK = 0xff;

/** The role in what {@link keywordOf} answers. */
export function roleOf(keyword: number): number {
  return keyword & ROLE_MASK;
}

const operand = OPERAND_FOLLOWS;
const name = OPERAND_FOLLOWS | NAME_FOLLOWS;
const names = NAME_LIST_FOLLOWS;

const KEYWORDS: readonly (readonly [words: string, keyword: number])[] = [
  ["select", SELECT | operand],
  ["insert", INSERT],
  ["update", UPDATE],
  ["delete", DELETE],
  ["merge", MERGE],
  ["call", CALL],
  ["exec execute", EXECUTE],
  ["create alter drop", DEFINE],
  ["truncate", TRUNCATE],
  ["replace", REPLACE],
  ["lock", LOCK],
  ["use", USE],
  ["begin commit rollback", TRANSACT],
  ["grant revoke show", GRANT],
  ["connect validate check export import recover", ADMINISTER],
  ["explain", EXPLAIN],
  ["with", WITH | operand],
  ["values", VALUES | operand],
  ["from", FROM | operand],
  ["into", INTO],
  ["join apply straight_join", JOIN],
  ["as", AS | NAME_FOLLOWS],
  ["only lateral if exists recursive", SKIPPED],
  ["top", SKIPPED | operand],
  ["table tables", TABLE],
  ["index procedure view", OBJECT],
  ["database user", ACCOUNT],
  ["password", PASSWORD],
  ["identified", IDENTIFIED],
  ["where having qualify prewhere", CLAUSE | name],
  ["on when", PLAIN | name],
  ["group order window for option fetch connect start for", CLAUSE],
  ["limit offset returning", CLAUSE | operand],
  ["union intersect except minus", CLAUSE | operand],
  ["transaction", TRANSACTION],
  ["next", NEXT | operand],
  ["distinct", DISTINCT | operand],
  ["or", MODIFIER | name],
  ["unique", MODIFIER | names],
  ["temp temporary global local unlogged materialized clustered nonclustered fulltext spatial", MODIFIER],
  ["true false", BOOLEAN],
  ["null", NULL],
  ["in", IN | operand],
  ["by", BY | name],
  ["inner outer", NOISE],
  ["is", IS | operand],
  ["not", NOT | name],
  ["count sum min max avg total", AGGREGATE],
  ["between", BETWEEN | operand],
  ["and", AND | name],
  ["set", SET | name],
  ["key conflict using", PLAIN | names],
  ["case then else comment like ilike rlike regexp glob match similar escape all any some default", PLAIN | operand],
  ["interval", TYPE | operand],
  ["date time timetz timestamp timestamptz json jsonb uuid xml inet cidr bytea int2 int4 int8 numeric bool", TYPE],
  [
    "to return if do while until increment step minvalue maxvalue cache div mod xor rows range first last",
    PLAIN | operand,
  ],
];

// Open addressing: a power of two, and roomy, so that most names that are no keyword meet an empty slot at once.
const SLOTS = 1024;
const lanesA = new Int32Array(SLOTS);
const lanesB = new Int32Array(SLOTS);
const keywords = new Int32Array(SLOTS);

for (const [words, keyword] of KEYWORDS) for (const word of words.split(" ")) add(word, keyword);

function add(word: string, keyword: number): void {
  const { a, b } = hashOf(word);
  let slot = a & (SLOTS - 1);
  while (keywords[slot] !== 0) slot = (slot + 1) & (SLOTS - 1);
  lanesA[slot] = a;
  lanesB[slot] = b;
  // A word whose role and flags are all zero would not be in the table.
  keywords[slot] = keyword;
}

function hashOf(word: string): { readonly a: number; readonly b: number } {
  let a = WORD_SEED_A;
  let b = WORD_SEED_B;
  for (let at = 0; at < word.length; at++) {
    a = Math.imul(a ^ word.charCodeAt(at), WORD_PRIME);
    b = (b + a) | 0;
  }
  return { a, b };
}

/** Longer words are no keywords. */
const LONGEST = Math.max(...KEYWORDS.flatMap(([words]) => words.split(" ")).map((word) => word.length));

/** Whether there is a keyword from `start` to `end`. */
export function isKeyword(sql: string, start: number, end: number): boolean {
  if (end - start > LONGEST) return false;
  const { a, b } = hashOf(sql.slice(start, end).toLowerCase());
  return keywordOf(a, b) !== 0;
}

/**
 * The role and flags of a word, given the hash of its lower-case form; 0 if it is no keyword. Names are hashed for the
 * fingerprint anyway; that one of them has all 64 bits of a keyword does not happen.
 */
export function keywordOf(laneA: number, laneB: number): number {
  let slot = laneA & (SLOTS - 1);
  for (;;) {
    const keyword = keywords[slot] ?? 0;
    if (keyword === 0 || (lanesA[slot] === laneA && lanesB[slot] === laneB)) return keyword;
    slot = (slot + 1) & (SLOTS - 1);
  }
}
