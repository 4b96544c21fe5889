/** How many attempts of which mutations are to fail. */

/** Requests by path of the mutation. */
export class ConflictRequests {
  readonly #left = new Map<string, number>();

  /**
   * The next run of the mutation loses so many attempts.
   *
   * @throws TypeError if `attempts` is not a natural number.
   */
  add(path: string, attempts: number): void {
    if (!Number.isSafeInteger(attempts) || attempts < 0) {
      throw new TypeError(`conflict: attempts is ${String(attempts)}; give a natural number`);
    }
    this.#left.set(path, attempts);
  }

  /** Takes what was asked for. */
  take(path: string): number {
    const attempts = this.#left.get(path) ?? 0;
    this.#left.delete(path);
    return attempts;
  }
}
