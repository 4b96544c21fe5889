/** What is said about an exporter that throws where it must not. */
import { configOf, type InstrumentedApp } from "./instrumentedApp.js";
import { callRandom } from "./platform.js";
import { reasonOf } from "./reasonOf.js";
import { sampledReport } from "./sampledReport.js";

/** Every call asks an exporter whether it is configured, so that it threw is said now and then. */
export function reportBrokenExporter(app: InstrumentedApp, thrown: unknown): void {
  const message = `Nothing is traced: \`isConfigured\` of the exporter threw: ${reasonOf(thrown)}`;
  sampledReport(configOf(app).report, callRandom())({ level: "error", code: "exporter.failed", message });
}
