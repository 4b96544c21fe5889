/** What the summary knows of the level of subqueries that is being read: the states of its machine. */
import * as word from "./keywords.js";

// What the next name is.
/** Of no interest. */
export const NOTHING = 0;
/** A table: in the list behind FROM, or a single one behind JOIN, INTO and the like. */
export const TABLE = 1;
/** A procedure, database or other object that is no table. */
export const OBJECT = 2;
/** An object, or a word that says what kind of object follows: TABLE, INDEX … */
export const DEFINITION = 3;
/** A common table expression. */
export const EXPRESSION = 4;

/** What is known of one level of subqueries. */
export interface Level {
  /** How many parentheses enclose it. */
  readonly depth: number;
  /** The role of the keyword that started it; PLAIN before there is one. */
  operation: number;
  /** What the next name is. */
  expected: number;
  /** How many parentheses enclose the last SELECT: a FROM inside of more is part of a function's arguments. */
  selectDepth: number;
  /** The same of the list of tables that is being read; negative if none is. */
  tablesDepth: number;
}

/** The level that starts inside of `depth` parentheses. */
export function levelAt(depth: number): Level {
  return { depth, operation: word.PLAIN, expected: NOTHING, selectDepth: depth, tablesDepth: -1 };
}

const EXPECTED: ReadonlyMap<number, number> = new Map([
  [word.UPDATE, TABLE],
  [word.MERGE, TABLE],
  [word.REPLACE, TABLE],
  [word.CALL, OBJECT],
  [word.EXECUTE, OBJECT],
  [word.TRUNCATE, OBJECT],
  [word.LOCK, OBJECT],
  [word.USE, OBJECT],
  [word.DEFINE, DEFINITION],
]);

/** What the name behind a word that starts a statement is. */
export function expectedBehind(operation: number): number {
  return EXPECTED.get(operation) ?? NOTHING;
}

/** Whether a SELECT in parentheses is a part of the operation. */
export function canHoldSubquery(operation: number): boolean {
  return operation <= word.DELETE || canBeFollowedBySelect(operation) || operation >= word.WITH;
}

/** Whether a SELECT without parentheses is a part of the operation. */
export function canBeFollowedBySelect(operation: number): boolean {
  return (
    operation === word.SELECT || operation === word.INSERT || operation === word.REPLACE || operation === word.DEFINE
  );
}
