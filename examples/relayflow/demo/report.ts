/** The outcome of the demo as text. */
import { waterfall } from "../../../src/testing/waterfall.js";
import type { ComparedRun, DemoResult } from "./runDemo.js";
import type { TraceReport } from "./traceReports.js";

/** How to print. */
export interface ReportOptions {
  /** Columns of the terminal. */
  readonly width: number;
  readonly color: boolean;
}

/** All of it: traces (or where to look for them), the comparison, and what went wrong. */
export function report(result: DemoResult, options: ReportOptions): string {
  const isDrawn = result.spans.length > 0;
  const traces = isDrawn
    ? result.traces.map((trace) => drawing(trace, options))
    : [["Look for these traces in your backend:", ...result.traces.map(whereToLook)].join("\n")];
  return [...traces, comparisonTable(result), verdict(result)].join("\n\n");
}

function drawing({ webhook, spans }: TraceReport, options: ReportOptions): string {
  return `${titleOf(webhook)}\n\n${waterfall(spans, options)}`;
}

/** A refused webhook is not stored: its sender knows only the correlation id of the answer, which finds it as well. */
function whereToLook({ webhook, traceId, correlationId }: TraceReport): string {
  const trace = traceId === undefined ? "" : `trace ${traceId}, `;
  return `  ${titleOf(webhook)}\n    ${trace}correlation.id=${correlationId ?? "none"}`;
}

function titleOf({ step }: TraceReport["webhook"]): string {
  return `${step.event} ${step.title}`;
}

/** Tracing off and on, side by side, with the outbox and without. */
export function comparisonTable({ comparison: on, withoutOutbox: without, responseTimes }: DemoResult): string {
  const { off, ...times } = responseTimes;
  const equal = ({ isEqual }: ComparedRun): string => (isEqual ? "yes" : "NO");
  const requests = ({ requests: count }: ComparedRun): string => (count === undefined ? "–" : String(count));
  const rows = [
    ["", "tracing off", "tracing on", "no outbox", ""],
    ["results equal", "", equal(on), equal(without), "answers, documents, calls of the target; without ids and times"],
    ["documents", ...[on.documents.off, on.documents.on, without.documents.on].map(String), "of the app"],
    [
      "scheduled runs",
      ...[on.scheduledRuns.off, on.scheduledRuns.on, without.scheduledRuns.on].map(String),
      `${on.deliverRuns} of the outbox, or ${without.deliverRuns} of otel:deliver`,
    ],
    ["OTLP requests", "0", requests(on), requests(without), "that brought the spans to the backend"],
    ["response time", ...[off, times.on, times.withoutOutbox].map(milliseconds), "median, on the simulated backend"],
  ];
  return [...rows.map(row), NOTE].join("\n");
}

/** Jobs and requests are what there are fewer of. An honest count has more in it. */
const NOTE = "Actions call a mutation, too, to hand their spans to the outbox: docs/cost.md counts all calls.";

/** A label, three columns of figures, and a remark. */
function row([name = "", off = "", on = "", without = "", note = ""]: readonly string[]): string {
  return `${name.padEnd(16)}${off.padStart(12)}${on.padStart(12)}${without.padStart(12)}   ${note}`.trimEnd();
}

function milliseconds(value: number): string {
  return `${value.toFixed(1)} ms`;
}

function verdict({ problems }: DemoResult): string {
  if (problems.length === 0) return "Everything happened as expected.";
  return ["Not as expected:", ...problems.map((problem) => `  ${problem}`)].join("\n");
}
