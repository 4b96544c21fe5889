/**
 * Writes the text of a statement with parts of it replaced. What stays is copied in runs as long as possible, and a
 * statement of which nothing is replaced is not copied at all.
 */
import { ownCopy } from "./ownCopy.js";

/** Writes `db.query.text`. */
export class TextWriter {
  readonly #sql: string;
  readonly #limit: number;
  #text = "";
  /** Up to where the statement is written. */
  #written = 0;
  /** The text before a list that is a candidate for collapsing; undefined while there is none. */
  #beforeList: string | undefined;

  /**
   * @param sql - the statement
   * @param limit - characters after which nothing more is written
   */
  constructor(sql: string, limit: number) {
    this.#sql = sql;
    this.#limit = limit;
  }

  /** Writes `by` instead of what stands from `start` to `end`. Calls come in the order of the statement. */
  replace(start: number, end: number, by: string): void {
    if (this.#text.length <= this.#limit) {
      this.#text += start > this.#written ? this.#sql.slice(this.#written, start) + by : by;
    }
    this.#written = end;
  }

  /** Whether nothing was written or stands before `start`. */
  isEmptyAt(start: number): boolean {
    return this.#text === "" && this.#written === start;
  }

  /** Marks the list whose parenthesis opened just before `at`. */
  beginList(at: number): void {
    this.replace(at, at, "");
    this.#beforeList = this.#text;
  }

  /** Writes one `?` for all that was in the list since {@link beginList}, up to its parenthesis at `end`. */
  collapseList(end: number): void {
    if (this.#beforeList === undefined) return;
    if (this.#beforeList.length <= this.#limit) this.#text = `${this.#beforeList}?`;
    this.#written = end;
  }

  /** Whether anything was replaced, so that the statement may hold more than its text. */
  get isChanged(): boolean {
    return this.#written > 0;
  }

  /** Whether the text is longer than the limit, if the statement ends at `end`. */
  isOverLimit(end: number): boolean {
    return this.#text.length + end - this.#written > this.#limit;
  }

  /** The text of the statement up to `end`. */
  finish(end: number): string {
    if (!this.isChanged && end === this.#sql.length && end <= this.#limit) return this.#sql;
    const rest = this.#text.length <= this.#limit ? this.#sql.slice(this.#written, end) : "";
    return ownCopy(this.#text, rest, this.#limit);
  }
}
