/** How often plans may be taken: a few in a minute, and of each shape of query one in its window. */

const MINUTE_MS = 60_000;

/** Fingerprints that are remembered at most: those of a server are few, and who makes up queries must not fill its memory. */
const MOST_FINGERPRINTS = 1000;

/** Times are milliseconds of a clock that only counts. */
export class PlanQuota {
  readonly #windowMs: number;
  readonly #maxPerMinute: number;
  /** When the plan of a fingerprint was taken; the oldest first. */
  readonly #taken = new Map<string, number>();
  /** When the plans of the last minute were taken. */
  #recent: number[] = [];

  constructor({ windowMs, maxPerMinute }: { readonly windowMs: number; readonly maxPerMinute: number }) {
    this.#windowMs = windowMs;
    this.#maxPerMinute = maxPerMinute;
  }

  /** Whether the plan of a fingerprint may be taken now. */
  allows(fingerprint: string, now: number): boolean {
    const taken = this.#taken.get(fingerprint);
    if (taken !== undefined && now - taken < this.#windowMs) return false;
    this.#recent = this.#recent.filter((time) => now - time < MINUTE_MS);
    return this.#recent.length < this.#maxPerMinute;
  }

  /** Notes that it is taken, whatever comes of it: one that fails would fail again. */
  use(fingerprint: string, now: number): void {
    this.#taken.delete(fingerprint);
    this.#taken.set(fingerprint, now);
    if (this.#taken.size > MOST_FINGERPRINTS) {
      const [oldest] = this.#taken.keys();
      if (oldest !== undefined) this.#taken.delete(oldest);
    }
    this.#recent.push(now);
  }
}
