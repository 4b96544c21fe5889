/**
 * `npm run demo`: signed webhooks through the app, and the traces they leave behind.
 *
 * With `OTEL_EXPORTER_OTLP_ENDPOINT` set, spans go there (headers from `OTEL_EXPORTER_OTLP_HEADERS`); otherwise they are
 * received in this process and drawn; `npm run demo -- --html out.html` writes them into a page as well. Ends with exit code 1
 * if anything did not happen as expected.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { report } from "./report.js";
import { type DemoResult, runDemo } from "./runDemo.js";
import { waterfallHtml } from "../../../src/testing/waterfallHtml.js";

/** A comfortable line, and the least that a waterfall needs. */
const DEFAULT_WIDTH = 110;

const { html } = parseArgs({ options: { html: { type: "string" } } }).values;
const { OTEL_EXPORTER_OTLP_ENDPOINT, NO_COLOR } = process.env;
const endpoint = OTEL_EXPORTER_OTLP_ENDPOINT || undefined;

console.log("Relayflow on a SIMULATED Convex backend (convex-test); HTTP to the target and OTLP are real.");
console.log(`Spans go to ${endpoint ?? "a receiver in this process"}.\n`);

try {
  const result = await runDemo({ endpoint, log: (line) => console.log(line) });
  const width = process.stdout.columns ?? DEFAULT_WIDTH;
  console.log(`\n${report(result, { width, color: process.stdout.isTTY && !NO_COLOR })}`);
  if (html !== undefined) console.log(`\n${writePage(html, result)}`);
  // Whatever the simulated backends have planned for later would keep the process alive; what was printed is to arrive.
  process.stdout.write("", () => process.exit(result.problems.length === 0 ? 0 : 1));
} catch (error) {
  console.error(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}`);
  // Whatever is still scheduled on the simulated backend would keep the process alive.
  process.exit(1);
}

/** Writes the traces as a page, and says where it is. */
function writePage(file: string, { traces }: DemoResult): string {
  const spans = traces.flatMap((trace) => trace.spans);
  if (spans.length === 0) return "No page was written: the spans were sent elsewhere.";
  writeFileSync(file, waterfallHtml(spans, { title: "Relayflow: webhooks through a simulated Convex backend" }));
  return `The traces are in ${file}.`;
}
