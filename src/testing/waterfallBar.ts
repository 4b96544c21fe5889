/**
 * The right-hand side of the waterfall: a bar for each span, and the axis above the bars.
 *
 * Bars are drawn in half columns, with the box-drawing characters that nearly every terminal font has.
 */
import type { SpanRecord } from "../core/types.js";
import { columnOf, CUT_COLUMNS, segmentOf, type Segment, type TimeScale } from "./timeScale.js";
import { durationText } from "./spanText.js";

/** A span of no length, or of one that is too short to see. */
const TICK = "╏";
const WHOLE = "━";
const LEFT_HALF = "╸";
const RIGHT_HALF = "╺";
/** Time that was cut out. */
const CUT = "┊";

/** The bar of a span: `scale.width` columns, as text before, bar, and text after, so that the bar can be coloured. */
export function bar(span: SpanRecord, scale: TimeScale): readonly [string, string, string] {
  const cells = background(scale);
  const from = Math.round(columnOf(scale, span.startTime) * 2);
  const to = Math.round(columnOf(scale, span.endTime) * 2);
  const first = Math.min(Math.floor(from / 2), lastColumn(scale, span.startTime));
  const last = to > from ? Math.ceil(to / 2) : first + 1;
  let drawn = "";
  for (let cell = first; cell < last; cell += 1) drawn += glyph(from <= cell * 2, to >= cell * 2 + 2, to > from);
  return [cells.slice(0, first).join(""), drawn, cells.slice(last).join("")];
}

/** A tick at the very end of a segment belongs into it, not on the cut behind it. */
function lastColumn(scale: TimeScale, time: number): number {
  const segment = segmentOf(scale, time);
  return segment === undefined ? 0 : segment.column + segment.columns - 1;
}

function glyph(hasLeft: boolean, hasRight: boolean, isBar: boolean): string {
  if (!isBar) return TICK;
  if (hasLeft && hasRight) return WHOLE;
  return hasLeft ? LEFT_HALF : RIGHT_HALF;
}

/** Empty but for the cuts. */
function background(scale: TimeScale): string[] {
  const cells = new Array<string>(scale.width).fill(" ");
  for (const segment of scale.segments.slice(1)) cells[segment.column - CUT_COLUMNS] = CUT;
  return cells;
}

/** The axis: how long after the start each segment begins, and the whole duration at the end if there is room. */
export function axis(scale: TimeScale): string {
  const first = scale.segments[0];
  const last = scale.segments.at(-1);
  if (first === undefined || last === undefined) return "";
  const cells = background(scale);
  for (const segment of scale.segments) write(cells, segment.column, label(segment, first.start));
  const end = label({ start: last.end }, first.start);
  const room = last.columns - label(last, first.start).length - 1;
  if (last.end > last.start && end.length <= room) write(cells, scale.width - end.length, end);
  return cells.join("");
}

function label(at: Pick<Segment, "start">, origin: number): string {
  return at.start === origin ? "0" : `+${durationText(at.start - origin)}`;
}

function write(cells: string[], column: number, text: string): void {
  cells.splice(column, text.length, ...Array.from(text));
}
