/** Whether memory grows: bytes that are left after collecting garbage, measured again and again. */
import { median } from "./percentiles.js";

/** A measurement: how much had been done by then, and what was in use. */
export interface MemorySample {
  readonly spans: number;
  /** JavaScript's heap after collecting garbage, and what it holds outside, in bytes. */
  readonly heapBytes: number;
  /** All of the process, in bytes. What was freed may still be counted. */
  readonly residentBytes: number;
}

/** How memory developed. */
export interface Flatness {
  /** Bytes of the heap that a span leaves behind: the slope between all pairs of samples (Theil and Sen), so that no outlier counts. */
  readonly heapBytesOfSpan: number;
  readonly residentBytesOfSpan: number;
}

/** @throws RangeError for fewer than two samples */
export function flatness(samples: readonly MemorySample[]): Flatness {
  if (samples.length < 2) throw new RangeError("Growth takes two samples at least.");
  return {
    heapBytesOfSpan: slope(samples, ({ heapBytes }) => heapBytes),
    residentBytesOfSpan: slope(samples, ({ residentBytes }) => residentBytes),
  };
}

function slope(samples: readonly MemorySample[], of: (sample: MemorySample) => number): number {
  const slopes = samples.flatMap((from, index) => {
    return samples.slice(index + 1).map((to) => (of(to) - of(from)) / (to.spans - from.spans));
  });
  return median(slopes);
}
