/** Numbers that are random and the same on every run, so that a corpus is a value. */

/** A source of choices. */
export interface Random {
  /** An integer from 0 up to `count`, without it. */
  below(count: number): number;
  pick<T>(items: readonly T[]): T;
  chance(probability: number): boolean;
}

/** A source that makes the same choices for the same seed (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed | 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    below: (count) => Math.floor(next() * count),
    pick: (items) => items[Math.floor(next() * items.length)]!,
    chance: (probability) => next() < probability,
  };
}
