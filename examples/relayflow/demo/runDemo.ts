/**
 * The demo as a function: the same webhooks with tracing off, with tracing on, and once more without the outbox. What is printed on the way goes to
 * `log`; what came out is returned, for the command line to show and for tests to check.
 */
import type { SpanRecord } from "../../../src/core/types.js";
import { type Backend, startBackend } from "./backend.js";
import { bundleApp, type BundledApp, type WayOut } from "./bundledApp.js";
import { compareRuns, type Comparison } from "./comparison.js";
import { unmetExpectations } from "./expectations.js";
import { diagnosticsDuring } from "./diagnostics.js";
import { measureResponses, type ResponseTimes } from "./responseTimes.js";
import { runScenario, type Log, type ScenarioRun } from "./runScenario.js";
import { openSpanTarget, type SpanTarget } from "./spanTarget.js";
import { spanProblems, traceReports, type TraceReport } from "./traceReports.js";

/** Options of {@link runDemo}. Every one is optional. */
export interface DemoOptions {
  /** An OTLP/HTTP base URL to send to. @defaultValue a receiver inside this process */
  readonly endpoint?: string | undefined;
  /** Makes event ids, and with them correlation ids, unique. @defaultValue the time */
  readonly runId?: string;
  /** Takes lines of progress. @defaultValue nothing is printed */
  readonly log?: Log;
  /** How many webhooks to measure with tracing off, and as many with tracing on, and without the outbox. @defaultValue 20 */
  readonly measuredRounds?: number;
  /** What the app's imports of the library stand for. @defaultValue the source of this repository */
  readonly alias?: Readonly<Record<string, string>>;
  /** Starts an empty backend with the app on it. @defaultValue convex-test, with the bundled modules */
  readonly start?: (app: BundledApp, wayOut: WayOut) => Promise<Backend>;
}

/** A run next to the one with tracing off. */
export interface ComparedRun extends Comparison {
  /** Requests that brought spans to the backend. Undefined if they were sent elsewhere. */
  readonly requests: number | undefined;
}

/** What came out of the demo. */
export interface DemoResult {
  /** One for each webhook, in the order they were sent. */
  readonly traces: readonly TraceReport[];
  /** All spans of the scenario, in order of arrival. Empty if they were sent elsewhere. */
  readonly spans: readonly SpanRecord[];
  readonly run: ScenarioRun;
  readonly comparison: ComparedRun;
  /** The same webhooks, where each mutation sends its own spans. */
  readonly withoutOutbox: ComparedRun;
  readonly responseTimes: ResponseTimes;
  /** What went otherwise than expected. Empty if all is well. */
  readonly problems: readonly string[];
}

/** Runs the demo. Takes a few seconds. */
export async function runDemo(options: DemoOptions = {}): Promise<DemoResult> {
  const { runId = Date.now().toString(36), log = () => undefined, measuredRounds = 20 } = options;
  const { start = startBackend } = options;
  const target = await openSpanTarget(options.endpoint);
  try {
    const app = await bundleApp(options.alias);
    log(`Bundled the app as Convex does: ${Math.round(app.bytes / 1024)} kB.`);
    try {
      return await runAll({ start: (wayOut) => start(app, wayOut), target, runId, log, measuredRounds });
    } finally {
      await app.remove();
    }
  } finally {
    await target.close();
  }
}

interface Prepared {
  readonly start: (wayOut: WayOut) => Promise<Backend>;
  readonly target: SpanTarget;
  readonly runId: string;
  readonly log: Log;
  readonly measuredRounds: number;
}

async function runAll(prepared: Prepared): Promise<DemoResult> {
  const { start, target, runId, log, measuredRounds } = prepared;
  log("Sending the webhooks with tracing off …");
  const variables = { OTEL_SDK_DISABLED: "true" };
  const off = await runScenario({ start: () => start("jobs"), runId, variables, log: silent });
  log("Sending them with tracing on:");
  const on = await runTraced(prepared, target, "outbox", log);
  const spans = target.received();
  const traces = traceReports(on.run, spans);
  log("Sending them once more, without the outbox …");
  const withoutOutbox = await runWithoutOutbox(prepared);
  log("Comparing response times …");
  const responseTimes = await measureResponses(start, measuredRounds);
  const comparison = { ...compareRuns(off, on.run), requests: on.requests };
  const comparisonWithout = { ...compareRuns(off, withoutOutbox.run), requests: withoutOutbox.requests };
  const problems = [
    ...unmetExpectations(on.run),
    ...on.lines,
    ...(target.isRemote ? [] : spanProblems(traces)),
    ...(comparison.isEqual ? [] : ["Tracing changed the results."]),
    ...withoutOutbox.problems,
    ...(comparisonWithout.isEqual ? [] : ["Tracing changed the results without the outbox."]),
  ];
  return { traces, spans, run: on.run, comparison, withoutOutbox: comparisonWithout, responseTimes, problems };
}

interface TracedRun {
  readonly run: ScenarioRun;
  /** What the library printed. */
  readonly lines: readonly string[];
  readonly requests: number | undefined;
}

async function runTraced({ start, runId }: Prepared, target: SpanTarget, wayOut: WayOut, log: Log): Promise<TracedRun> {
  const variables = { ...target.variables, OTEL_SDK_DISABLED: undefined };
  const options = { start: () => start(wayOut), runId, variables, log };
  const { result: run, lines } = await diagnosticsDuring(() => runScenario(options));
  return { run, lines, requests: target.requests() };
}

/** Into a receiver of its own: in the backend of the user, the traces would be there twice. */
async function runWithoutOutbox(prepared: Prepared): Promise<TracedRun & { readonly problems: readonly string[] }> {
  const target = await openSpanTarget(undefined);
  try {
    const traced = await runTraced(prepared, target, "jobs", silent);
    const traces = traceReports(traced.run, target.received());
    const problems = [...unmetExpectations(traced.run), ...traced.lines, ...spanProblems(traces)];
    return { ...traced, problems: problems.map((problem) => `without the outbox: ${problem}`) };
  } finally {
    await target.close();
  }
}

function silent(): void {
  // Progress of the runs that are only there to be compared with.
}
