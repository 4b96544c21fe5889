/**
 * A trace as a person wants to see it in a terminal: the tree on the left, time on the right. It draws whatever it is
 * given: a trace with missing parents is shown with a note, because then most of all one wants to look at it.
 */
import type { SpanRecord } from "../core/types.js";
import { CORRELATION_ID, HTTP_RESPONSE_STATUS_CODE } from "../semconv/attributes.js";
import { buildForest, walk, type SpanNode, type TraceNode } from "./spanForest.js";
import { durationText, errorText, linkTarget, oneLine, spanNames, type SpanNames } from "./spanText.js";
import { labelText, rowLabel } from "./rowLabel.js";
import { cutTo, fit, textWidth } from "./textWidth.js";
import { timeScale, type TimeScale } from "./timeScale.js";
import { axis, bar } from "./waterfallBar.js";
import { painter, type Paint } from "./waterfallPaint.js";

/** Options of {@link waterfall}. */
export interface WaterfallOptions {
  /** Columns of the terminal; at least 80 are used. @defaultValue `110` */
  readonly width?: number;
  /** Use ANSI colours. Everything can be read without them. @defaultValue `false` */
  readonly color?: boolean;
}

const DEFAULT_WIDTH = 110;
const LEAST_WIDTH = 80;

/** Widths of the columns between tree and bars, and after the bars: `consumer`, `12.5ms`, `✗ 402`. */
const KIND_WIDTH = 8;
const DURATION_WIDTH = 7;
const STATUS_WIDTH = 5;
const SPACING = "  ";

const TREE_TITLE = "span";

/** One level of the tree. Two columns, since a webhook that is retried nests a dozen levels deep. */
const GUIDE = "│ ";
const BLANK = "  ";
const STEP = GUIDE.length;

/** The tree may take this part of the line, so that there is room for the bars. */
const TREE_SHARE = 0.42;

/** Columns of a name that are left beside the outcome of a cache. */
const LEAST_NAME = 8;

/** What all rows of a trace have in common. */
interface Sheet {
  readonly width: number;
  readonly treeWidth: number;
  readonly scale: TimeScale;
  readonly names: SpanNames;
  readonly paint: Paint;
}

/** A span with its place in the drawing. */
interface Row {
  readonly node: SpanNode;
  /** Lines of the tree left of the name. */
  readonly branch: string;
  /** Lines of the tree left of what is printed below the name. */
  readonly gutter: string;
}

/**
 * Draws each trace among the spans: a header with trace id, number of spans, duration and correlation id, then a line
 * for each span with kind, duration, bar and status. Errors are marked `✗` and explained below their span.
 *
 * Idle time between spans that is longer than all the work together is cut out of the time axis and marked `┊`.
 *
 * @example
 * ```ts
 * import { memoryExporter, waterfall } from "convex-otel/testing";
 *
 * const exporter = memoryExporter();
 * console.log(waterfall(exporter.spans, { width: process.stdout.columns, color: process.stdout.isTTY }));
 * ```
 */
export function waterfall(spans: readonly SpanRecord[], options: WaterfallOptions = {}): string {
  const forest = buildForest(spans);
  const width = Math.max(LEAST_WIDTH, Math.floor(options.width ?? DEFAULT_WIDTH));
  const names = spanNames(spans);
  const paint = painter(options.color ?? false);
  return forest.traces.map((trace) => drawTrace(trace, names, width, paint).join("\n")).join("\n\n");
}

function drawTrace(trace: TraceNode, names: SpanNames, width: number, paint: Paint): string[] {
  const rows = placeRows(trace.roots);
  const spans = rows.map((row) => row.node.span);
  const widest = Math.max(...rows.map((row) => textWidth(label(row))));
  const treeWidth = Math.min(Math.max(widest, TREE_TITLE.length), Math.floor(width * TREE_SHARE));
  const barWidth = width - treeWidth - KIND_WIDTH - DURATION_WIDTH - STATUS_WIDTH - 4 * SPACING.length;
  const sheet: Sheet = { width, treeWidth, scale: timeScale(spans, barWidth), names, paint };
  return [...header(trace, spans, sheet), axisLine(sheet), ...rows.flatMap((row) => drawRow(row, sheet))];
}

function header(trace: TraceNode, spans: readonly SpanRecord[], { width, paint }: Sheet): string[] {
  const duration = Math.max(...spans.map((span) => span.endTime)) - Math.min(...spans.map((span) => span.startTime));
  const errors = spans.filter((span) => span.status.code === 2).length;
  const facts = [plural(spans.length, "span"), durationText(duration)];
  if (errors > 0) facts.push(plural(errors, "error"));
  const first = `trace ${trace.traceId} · ${facts.join(" · ")}`;
  const correlation = correlationId(trace.roots);
  if (correlation === undefined) return [paint("strong", first)];
  const second = cutTo(`correlation ${correlation}`, width);
  const isShort = textWidth(first) + textWidth(second) + 3 <= width;
  return isShort ? [`${paint("strong", first)} · ${second}`] : [paint("strong", first), second];
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function correlationId(roots: readonly SpanNode[]): string | undefined {
  for (const { span } of roots) {
    const id = span.attributes[CORRELATION_ID];
    if (typeof id === "string") return oneLine(id);
  }
  return undefined;
}

function axisLine({ treeWidth, scale, paint }: Sheet): string {
  const left = [fit(TREE_TITLE, treeWidth), fit("kind", KIND_WIDTH), "time".padStart(DURATION_WIDTH)];
  return paint("faint", [...left, axis(scale)].join(SPACING).trimEnd());
}

function placeRows(roots: readonly SpanNode[]): Row[] {
  const indents = new Map<SpanNode, string>();
  const rows: Row[] = [];
  for (const node of walk(roots)) {
    const indent = indents.get(node) ?? "";
    const isLast = indent.endsWith(BLANK);
    const branch = indent === "" ? "" : indent.slice(0, -STEP) + (isLast ? "└ " : "├ ");
    for (const [index, child] of node.children.entries()) {
      indents.set(child, indent + (index === node.children.length - 1 ? BLANK : GUIDE));
    }
    rows.push({ node, branch, gutter: indent + (node.children.length > 0 ? GUIDE : BLANK) });
  }
  return rows;
}

function label({ node, branch }: Row): string {
  return branch + labelText(rowLabel(node.span)).join("");
}

function drawRow(row: Row, sheet: Sheet): string[] {
  const { span } = row.node;
  const { paint } = sheet;
  const isError = span.status.code === 2;
  const [before, drawn, after] = bar(span, sheet.scale);
  const columns = [
    treeCell(row, sheet),
    fit(span.kind === "internal" ? "" : span.kind, KIND_WIDTH),
    durationText(span.endTime - span.startTime).padStart(DURATION_WIDTH),
    paint("faint", before) + paint(isError ? "error" : span.kind, drawn) + paint("faint", after),
    isError ? paint("error", status(span)) : status(span),
  ];
  return [columns.join(SPACING).trimEnd(), ...notes(row, sheet)];
}

function treeCell(row: Row, { treeWidth, paint }: Sheet): string {
  const [start, mark] = labelText(rowLabel(row.node.span));
  // What a cache did is what one looks for: the name is cut, unless there would be nothing left of it.
  const room = treeWidth - textWidth(mark);
  const isKept = room >= textWidth(row.branch) + LEAST_NAME;
  const text = fit(isKept ? cutTo(row.branch + start, room) + mark : label(row), treeWidth);
  const branch = text.slice(0, row.branch.length);
  const name = text.slice(row.branch.length);
  return paint("faint", branch) + (row.node.span.status.code === 2 ? paint("error", name) : name);
}

function status(span: SpanRecord): string {
  const mark = span.status.code === 2 ? "✗" : span.status.code === 1 ? "✓" : "";
  return [mark, statusCode(span)].filter((part) => part !== "").join(" ");
}

function statusCode(span: SpanRecord): string {
  const code = span.attributes[HTTP_RESPONSE_STATUS_CODE];
  return typeof code === "number" ? String(code) : "";
}

/** What does not fit beside the bar: why the span failed, where its links lead, and a parent that did not arrive. */
function notes(row: Row, sheet: Sheet): string[] {
  const { span, isOrphan } = row.node;
  const error = errorText(span);
  const texts: (readonly ["error" | "faint", string])[] = [];
  const reason = error === undefined ? "" : errorReason(span, error);
  if (reason !== "" && reason !== statusCode(span)) texts.push(["error", `✗ ${reason}`]);
  if (isOrphan) texts.push(["faint", `? parent ${span.parentSpanId ?? ""} is not here`]);
  for (const { context } of span.links) {
    // Links to spans that are not shown say nothing to a reader: a job's producer always has one to an id of its run.
    const target = `${context.traceId}/${context.spanId}`;
    if (sheet.names.has(target)) texts.push(["faint", `~ link to ${linkTarget(context, sheet.names)}`]);
  }
  return texts.map(([style, text]) => {
    return sheet.paint("faint", row.gutter) + sheet.paint(style, cutTo(text, sheet.width - textWidth(row.gutter)));
  });
}

function errorReason(span: SpanRecord, error: string): string {
  const message = oneLine(span.status.message ?? "");
  return message === "" || message === error ? error : `${error}: ${message}`;
}
