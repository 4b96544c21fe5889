/**
 * The demo as a function: the same webhooks with tracing off and with tracing on. What is printed on the way goes to
 * `log`; what came out is returned, for the command line to show and for tests to check.
 */
import type { SpanRecord } from "../../../src/core/types.js";
import { type Backend, startBackend } from "./backend.js";
import { type AppModules, bundleApp } from "./bundledApp.js";
import { compareRuns, type Comparison, type OffAndOn } from "./comparison.js";
import { unmetExpectations } from "./expectations.js";
import { diagnosticsDuring } from "./diagnostics.js";
import { measureResponses } from "./responseTimes.js";
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
  /** How many webhooks to measure with tracing off, and as many with tracing on. @defaultValue 20 */
  readonly measuredRounds?: number;
  /** What the app's imports of the library stand for. @defaultValue the source of this repository */
  readonly alias?: Readonly<Record<string, string>>;
  /** Starts an empty backend with the app on it. @defaultValue convex-test, with the bundled modules */
  readonly start?: (modules: AppModules) => Promise<Backend>;
}

/** What came out of the demo. */
export interface DemoResult {
  /** One for each webhook, in the order they were sent. */
  readonly traces: readonly TraceReport[];
  /** All spans of the scenario, in order of arrival. Empty if they were sent elsewhere. */
  readonly spans: readonly SpanRecord[];
  readonly run: ScenarioRun;
  readonly comparison: Comparison;
  /** Medians, in milliseconds. */
  readonly responseTimes: OffAndOn;
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
      return await runOffAndOn({ start: () => start(app.modules), target, runId, log, measuredRounds });
    } finally {
      await app.remove();
    }
  } finally {
    await target.close();
  }
}

interface Prepared {
  readonly start: () => Promise<Backend>;
  readonly target: SpanTarget;
  readonly runId: string;
  readonly log: Log;
  readonly measuredRounds: number;
}

async function runOffAndOn({ start, target, runId, log, measuredRounds }: Prepared): Promise<DemoResult> {
  log("Sending the webhooks with tracing off …");
  const off = await runScenario({ start, runId, variables: { OTEL_SDK_DISABLED: "true" }, log: () => undefined });
  log("Sending them with tracing on:");
  const variables = { ...target.variables, OTEL_SDK_DISABLED: undefined };
  const { result: on, lines } = await diagnosticsDuring(() => runScenario({ start, runId, variables, log }));
  const spans = target.received();
  const traces = traceReports(on, spans);
  log("Comparing response times …");
  const responseTimes = await measureResponses(start, measuredRounds);
  const comparison = compareRuns(off, on);
  const problems = [
    ...unmetExpectations(on),
    ...lines,
    ...(target.isRemote ? [] : spanProblems(traces)),
    ...(comparison.isEqual ? [] : ["Tracing changed the results."]),
  ];
  return { traces, spans, run: on, comparison, responseTimes, problems };
}
