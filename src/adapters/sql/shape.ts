/**
 * The shape of a statement, as a hash: the same for statements that differ in literals, parameters, white space, comments,
 * case of unquoted words, noise words, or in the length of their lists.
 *
 * Takes tokens one by one and keeps nothing of them. Every group in parentheses is hashed by itself, so that a list can be
 * folded while it is read: an item that equals its neighbour (`?, ?`, or the rows `(?, ?), (?, ?)`) counts once.
 */
import { formatFingerprint, mixA, mixB } from "./hash.js";

const SEED_A = 0x165667b1;
const SEED_B = 0x2d51ed27;

// Tokens without a text of their own; symbols are their character codes.
const PLACEHOLDER = 0x10001;
const COMMA = 0x2c;
const OPEN = 0x28;
const CLOSE = 0x29;
const SEMICOLON = 0x3b;

/** What a comma may turn out to repeat. */
const NOTHING = 0;
const LITERAL = 1;
const GROUP = 2;

/** What is kept of an open group's surroundings: both lanes, what was last in them, and the hash of the last group. */
const FRAME = 6;

/** Deeper groups are hashed with what surrounds them: nobody writes them, and each takes memory. */
const MAX_FRAMES = 100;

/** Hashes the tokens of a statement. */
export class Shape {
  #a = SEED_A;
  #b = SEED_B;
  /** The code of a comma or semicolon that counts only if something new follows. */
  #pending = 0;
  /** What the last item was. */
  #last = NOTHING;
  #groupA = 0;
  #groupB = 0;
  /** Frames of open groups. What is behind them stays from groups that were left: shortening it would take as long as hashing. */
  readonly #frames: number[] = [];
  /** How many numbers of {@link #frames} count. */
  #top = 0;
  /** How many groups are open that have no frame. */
  #tooDeep = 0;

  /** A name or keyword, as the hash of its characters. */
  word(laneA: number, laneB: number): void {
    if (this.#pending !== 0) this.#flush();
    this.#a = mixA(this.#a, laneA);
    this.#b = mixB(this.#b, laneB);
    this.#last = NOTHING;
  }

  /** A character of an operator. */
  symbol(code: number): void {
    this.word(code, code);
  }

  /** A literal or parameter. */
  placeholder(): void {
    if (this.#pending === COMMA && this.#last === LITERAL) {
      this.#pending = 0;
      return;
    }
    this.word(PLACEHOLDER, PLACEHOLDER);
    this.#last = LITERAL;
  }

  comma(): void {
    this.#separate(COMMA);
  }

  /** The end of a statement; counts only if another one follows. */
  semicolon(): void {
    this.#separate(SEMICOLON);
  }

  open(): void {
    if (this.#top === FRAME * MAX_FRAMES) {
      this.#tooDeep++;
      return this.word(OPEN, OPEN);
    }
    if (this.#pending === SEMICOLON) this.#flush();
    const frames = this.#frames;
    frames[this.#top++] = this.#a;
    frames[this.#top++] = this.#b;
    frames[this.#top++] = this.#pending;
    frames[this.#top++] = this.#last;
    frames[this.#top++] = this.#groupA;
    frames[this.#top++] = this.#groupB;
    this.#a = mixA(SEED_A, OPEN);
    this.#b = mixB(SEED_B, OPEN);
    this.#pending = 0;
    this.#last = NOTHING;
  }

  close(): void {
    if (this.#pending !== 0) this.#flush();
    if (this.#top === 0 || this.#tooDeep > 0) {
      this.word(CLOSE, CLOSE);
      this.#tooDeep = Math.max(0, this.#tooDeep - 1);
    } else this.#leaveGroup();
  }

  /**
   * The fingerprint of all that was added.
   *
   * @param openGroups - what becomes of groups that are still open: where the reader stopped in the middle of a list, the
   *   item it stopped in should not count
   */
  fingerprint(openGroups: "count" | "drop"): string {
    if (openGroups === "drop" && this.#top > 0) {
      this.#a = this.#frames[0] ?? 0;
      this.#b = this.#frames[1] ?? 0;
    } else while (this.#top > 0) this.close();
    return formatFingerprint(this.#a, this.#b);
  }

  #leaveGroup(): void {
    const frame = this.#frames;
    const top = this.#top - FRAME;
    this.#top = top;
    const groupA = this.#a;
    const groupB = this.#b;
    this.#a = frame[top] ?? 0;
    this.#b = frame[top + 1] ?? 0;
    this.#pending = frame[top + 2] ?? 0;
    const isRepeated =
      this.#pending === COMMA && frame[top + 3] === GROUP && frame[top + 4] === groupA && frame[top + 5] === groupB;
    if (isRepeated) this.#pending = 0;
    else this.word(groupA, groupB);
    this.#last = GROUP;
    this.#groupA = groupA;
    this.#groupB = groupB;
  }

  #separate(separator: number): void {
    const isItem = this.#last !== NOTHING;
    if (this.#pending === SEMICOLON && separator === SEMICOLON) return;
    if (this.#pending !== 0) this.#flush();
    if (separator === SEMICOLON || isItem) this.#pending = separator;
    else this.word(separator, separator);
  }

  #flush(): void {
    const separator = this.#pending;
    this.#pending = 0;
    this.#a = mixA(this.#a, separator);
    this.#b = mixB(this.#b, separator);
    this.#last = NOTHING;
  }
}
