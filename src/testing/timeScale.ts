/**
 * Maps moments of a trace to columns of a terminal.
 *
 * A job that is retried after ten seconds runs for milliseconds and then nothing happens: on a plain scale all of its
 * spans would be dots. So long stretches in which no span runs are cut out and marked; what remains shares one scale, so
 * that bars can be compared.
 */
import type { SpanRecord } from "../core/types.js";

/** A stretch of time that is drawn without a cut. */
export interface Segment {
  /** Milliseconds since the Unix epoch. */
  readonly start: number;
  readonly end: number;
  /** First column. */
  readonly column: number;
  /** Number of columns. */
  readonly columns: number;
}

/** The scale of one trace. */
export interface TimeScale {
  readonly segments: readonly Segment[];
  /** Columns per millisecond. */
  readonly rate: number;
  /** Number of columns in all. */
  readonly width: number;
}

/** Columns that mark a cut, between two segments. */
export const CUT_COLUMNS = 1;

/** Fewest columns of a segment: enough for its label (`+10.2s`) and a space. */
const LEAST_COLUMNS = 7;

type Stretch = Pick<Segment, "start" | "end">;

/** Lays out the spans of a trace on `width` columns. */
export function timeScale(spans: readonly SpanRecord[], width: number): TimeScale {
  const stretches = cutIdle(busyStretches(spans), width);
  const forBars = width - (stretches.length - 1) * CUT_COLUMNS;
  const rate = commonRate(stretches.map(length), forBars);
  const shares = stretches.map((stretch) => Math.max(LEAST_COLUMNS, Math.floor(length(stretch) * rate)));
  let column = 0;
  const segments = stretches.map((stretch, index): Segment => {
    const isLast = index === stretches.length - 1;
    const columns = isLast ? width - column : (shares[index] ?? LEAST_COLUMNS);
    const segment = { ...stretch, column, columns };
    column += columns + CUT_COLUMNS;
    return segment;
  });
  return { segments, rate, width };
}

/** The column of a moment, with a fraction. */
export function columnOf(scale: TimeScale, time: number): number {
  const segment = segmentOf(scale, time);
  if (segment === undefined) return 0;
  const within = (Math.min(time, segment.end) - segment.start) * scale.rate;
  return segment.column + Math.max(0, Math.min(within, segment.columns));
}

/** The segment a moment lies in. */
export function segmentOf(scale: TimeScale, time: number): Segment | undefined {
  return scale.segments.findLast((candidate) => candidate.start <= time) ?? scale.segments[0];
}

/** Stretches in which at least one span runs, in order, apart from each other. */
function busyStretches(spans: readonly SpanRecord[]): Stretch[] {
  const merged: { start: number; end: number }[] = [];
  for (const span of [...spans].sort((a, b) => a.startTime - b.startTime)) {
    const last = merged.at(-1);
    if (last !== undefined && span.startTime <= last.end) last.end = Math.max(last.end, span.endTime);
    else merged.push({ start: span.startTime, end: span.endTime });
  }
  return merged;
}

/** Joins stretches again, unless the pause between them is longer than all the work, and there is room for a cut. */
function cutIdle(busy: readonly Stretch[], width: number): Stretch[] {
  const work = busy.reduce((sum, stretch) => sum + length(stretch), 0);
  const mostCuts = Math.floor((width + CUT_COLUMNS) / (LEAST_COLUMNS + CUT_COLUMNS)) - 1;
  const pauses = busy.slice(1).map((stretch, index) => stretch.start - (busy[index]?.end ?? stretch.start));
  const longest = pauses.filter((pause) => pause > work).sort((a, b) => b - a);
  const least = longest[mostCuts] ?? work;
  const kept: { start: number; end: number }[] = [];
  for (const [index, stretch] of busy.entries()) {
    const last = kept.at(-1);
    const isCut = index === 0 || (pauses[index - 1] ?? 0) > least;
    if (last !== undefined && !isCut) last.end = stretch.end;
    else kept.push({ ...stretch });
  }
  return kept;
}

/** The most columns per millisecond at which everything fits, short segments taking {@link LEAST_COLUMNS}. */
function commonRate(lengths: readonly number[], columns: number): number {
  let large = [...lengths];
  let left = columns;
  for (;;) {
    const rate = left / large.reduce((sum, ms) => sum + ms, 0);
    const rest = large.filter((ms) => ms * rate >= LEAST_COLUMNS);
    if (rest.length === 0 || rest.length === large.length) return Number.isFinite(rate) ? rate : 0;
    left -= (large.length - rest.length) * LEAST_COLUMNS;
    large = rest;
  }
}

function length(stretch: Stretch): number {
  return stretch.end - stretch.start;
}
