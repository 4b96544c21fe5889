/** The outcome of the demo as text. */
import { waterfall } from "../../../src/testing/waterfall.js";
import type { OffAndOn } from "./comparison.js";
import type { DemoResult } from "./runDemo.js";
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

/** Tracing off and on, side by side. */
export function comparisonTable({ comparison, responseTimes }: DemoResult): string {
  const { isEqual, documents, scheduledRuns, deliverRuns } = comparison;
  const rows = [
    ["", "tracing off", "tracing on", ""],
    ["results equal", "", isEqual ? "yes" : "NO", "answers, documents, calls of the target; without ids and times"],
    ["documents", ...cells(documents, String), added(documents, String)],
    [
      "scheduled runs",
      ...cells(scheduledRuns, String),
      `${added(scheduledRuns, String)}, ${deliverRuns} of otel:deliver`,
    ],
    ["response time", ...cells(responseTimes, milliseconds), `${added(responseTimes, milliseconds)}, median`],
  ];
  return rows.map(([name = "", off = "", on = "", note = ""]) => row(name, off, on, note)).join("\n");
}

/** A label, two columns of figures, and a remark. */
function row(name: string, off: string, on: string, note: string): string {
  return `${name.padEnd(16)}${off.padStart(12)}${on.padStart(12)}   ${note}`.trimEnd();
}

function cells({ off, on }: OffAndOn, format: (value: number) => string): [string, string] {
  return [format(off), format(on)];
}

function added({ off, on }: OffAndOn, format: (value: number) => string): string {
  return on < off ? `-${format(off - on)}` : `+${format(on - off)}`;
}

function milliseconds(value: number): string {
  return `${value.toFixed(1)} ms`;
}

function verdict({ problems }: DemoResult): string {
  if (problems.length === 0) return "Everything happened as expected.";
  return ["Not as expected:", ...problems.map((problem) => `  ${problem}`)].join("\n");
}
