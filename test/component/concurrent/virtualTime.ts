/** A clock that moves from one event to the next: what waits in it takes no time, and always the same course. */
import { setImmediate } from "node:timers/promises";

interface Event {
  readonly at: number;
  readonly order: number;
  readonly happen: () => void;
}

export class VirtualTime {
  #now: number;
  #order = 0;
  #outside = 0;
  /** A binary heap. */
  readonly #events: Event[] = [];

  constructor(now: number) {
    this.#now = now;
  }

  get now(): number {
    return this.#now;
  }

  /** Resolves so many milliseconds later; at once, if none. */
  async sleep(ms: number): Promise<void> {
    if (ms > 0) await new Promise<void>((resolve) => this.at(this.#now + ms, resolve));
  }

  at(time: number, happen: () => void): void {
    this.#push({ at: Math.max(time, this.#now), order: this.#order++, happen });
  }

  /** The clock stands still until something has happened that takes real time. */
  async whileStanding<T>(run: () => Promise<T>): Promise<T> {
    this.#outside += 1;
    try {
      return await run();
    } finally {
      this.#outside -= 1;
    }
  }

  /** Lets time go by, with everything that happens in it. */
  async pass(ms: number): Promise<void> {
    const end = this.#now + ms;
    for (;;) {
      await this.#calm();
      const next = this.#events[0];
      if (next === undefined || next.at > end) break;
      this.#pop();
      this.#now = next.at;
      next.happen();
    }
    this.#now = end;
  }

  /** What can go on without time going by has gone on. */
  async #calm(): Promise<void> {
    do await setImmediate();
    while (this.#outside > 0);
    await setImmediate();
  }

  #push(event: Event): void {
    const heap = this.#events;
    let index = heap.push(event) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(event, heap[parent]!)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = event;
  }

  #pop(): void {
    const heap = this.#events;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (!isBefore(heap[child]!, last)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = last;
  }
}

function isBefore(one: Event, other: Event): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}
