/**
 * `npm run demo`: signed webhooks through the app, and the traces they leave behind.
 *
 * With `OTEL_EXPORTER_OTLP_ENDPOINT` set, spans go there (headers from `OTEL_EXPORTER_OTLP_HEADERS`); otherwise they are
 * received in this process and drawn. Ends with exit code 1 if anything did not happen as expected.
 */
import { report } from "./report.js";
import { runDemo } from "./runDemo.js";

/** A comfortable line, and the least that a waterfall needs. */
const DEFAULT_WIDTH = 110;

const { OTEL_EXPORTER_OTLP_ENDPOINT, NO_COLOR } = process.env;
const endpoint = OTEL_EXPORTER_OTLP_ENDPOINT || undefined;

console.log("Relayflow on a SIMULATED Convex backend (convex-test); HTTP to the target and OTLP are real.");
console.log(`Spans go to ${endpoint ?? "a receiver in this process"}.\n`);

try {
  const result = await runDemo({ endpoint, log: (line) => console.log(line) });
  const width = process.stdout.columns ?? DEFAULT_WIDTH;
  console.log(`\n${report(result, { width, color: process.stdout.isTTY && !NO_COLOR })}`);
  // Whatever the simulated backends have planned for later would keep the process alive; what was printed is to arrive.
  process.stdout.write("", () => process.exit(result.problems.length === 0 ? 0 : 1));
} catch (error) {
  console.error(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}`);
  // Whatever is still scheduled on the simulated backend would keep the process alive.
  process.exit(1);
}
