/**
 * Measures several things against each other, in turns. Absolute times of a shared machine mean little; the ratio of two
 * times taken a few milliseconds apart means something, so every round measures every side once, in random order.
 */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Takes one measurement: milliseconds per operation. */
export type Sample = () => number | Promise<number>;

/** How long to measure. */
export interface Duration {
  /** Wall time of all rounds together, without warming up. */
  readonly seconds: number;
  /** @defaultValue 30: fewer give no interval worth printing */
  readonly minRounds?: number;
}

/** Long enough that the optimizing compiler has seen each side many times. */
const WARM_UP_SHARE = 0.3;

/** Time of one measurement of {@link repeated}: far above the timer's resolution, below a scheduler's time slice. */
const SAMPLE_MS = 2;

/** Measures all sides in turns. Returns the times of each side, round by round. */
export async function interleave<Name extends string>(
  sides: Readonly<Record<Name, Sample>>,
  { seconds, minRounds = 30 }: Duration,
): Promise<Record<Name, number[]>> {
  const series = Object.entries<Sample>(sides).map(([name, sample]) => ({ name, sample, times: [] as number[] }));
  const warmUntil = performance.now() + seconds * 1000 * WARM_UP_SHARE;
  while (performance.now() < warmUntil) for (const { sample } of series) await sample();
  const end = performance.now() + seconds * 1000;
  for (let round = 0; round < minRounds || performance.now() < end; round++) {
    for (const { sample, times } of shuffled(series)) {
      collectYoung();
      times.push(await sample());
    }
  }
  return Object.fromEntries(series.map(({ name, times }) => [name, times])) as Record<Name, number[]>;
}

/** In any fixed order, each side would always run after the same other one, on the caches that it left. */
function shuffled<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

/**
 * A {@link Sample} of a short synchronous operation: as many in a row as take about two milliseconds.
 *
 * @param clock - milliseconds since some moment
 */
export function repeated(operation: () => unknown, clock: () => number = wallClock): Sample {
  let count = 1;
  return () => {
    const start = clock();
    for (let i = 0; i < count; i++) kept[0] = operation();
    const perOperation = (clock() - start) / count;
    count = Math.max(1, Math.min(count * 2, Math.round(SAMPLE_MS / perOperation) || 1));
    return perOperation;
  };
}

function wallClock(): number {
  return performance.now();
}

/**
 * What all threads of this process have worked, for operations that make the garbage collector work: it has threads of
 * its own, and on a busy machine one waits for them longer than they work.
 */
export function cpuClock(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

// Results go somewhere, or the compiler may find out that nobody needs them.
const kept: unknown[] = [];

type Collect = (options?: { readonly type: "minor" }) => void;

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as Collect;

/** Collects the garbage of the side before, so that the next one does not pay for it. */
function collectYoung(): void {
  collect({ type: "minor" });
}

/** Bytes of live objects on the heap, after a full collection. */
export function liveHeap(): number {
  collect();
  return process.memoryUsage().heapUsed;
}
