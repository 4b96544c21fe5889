/**
 * `npm run demo:api`: an incident of an API, and what its traces say about it.
 *
 * Postgres and a cache run in this process, unless `DATABASE_URL` and `REDIS_URL` name servers; spans are received in this
 * process and drawn, unless `OTEL_EXPORTER_OTLP_ENDPOINT` says where to send them. `--html out.html` writes that request
 * as a page, `--rows 50000` takes fewer listings. Ends with exit code 1 if the traces do not name the missing index.
 */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { waterfallHtml } from "convex-otel/testing";
import { DEFAULT_ROWS } from "../src/database/seed.js";
import { findings, tracedRequest } from "./findings.js";
import { report } from "./report.js";
import { type DemoResult, runDemo } from "./runDemo.js";

const DEFAULT_WIDTH = 110;

const { html, rows } = parseArgs({ options: { html: { type: "string" }, rows: { type: "string" } } }).values;
const { DATABASE_URL, REDIS_URL, OTEL_EXPORTER_OTLP_ENDPOINT, NO_COLOR } = process.env;
const endpoint = OTEL_EXPORTER_OTLP_ENDPOINT || undefined;

const database = DATABASE_URL === undefined ? "Postgres in this process (PGlite)" : "the server of DATABASE_URL";
console.log(`pulse-api on ${database}; spans go to ${endpoint ?? "a receiver in this process"}.\n`);

/** Less than the API's own: on a fast machine, or with fewer rows, the query that lacks an index takes less than a tenth of a second. */
const SLOW_QUERY_MS = 20;

try {
  const result = await runDemo({
    databaseUrl: DATABASE_URL || undefined,
    redisUrl: REDIS_URL || undefined,
    endpoint,
    rows: Number(rows ?? DEFAULT_ROWS),
    slowQueryMs: SLOW_QUERY_MS,
    log: (line) => console.log(line),
  });
  const width = process.stdout.columns ?? DEFAULT_WIDTH;
  console.log(`\n${report(result.phases, result.spans, { width, color: process.stdout.isTTY && !NO_COLOR })}`);
  if (html !== undefined) console.log(`\n${writePage(html, result)}`);
  const isExplained =
    endpoint !== undefined || findings(result.spans).some(({ sequentialScan }) => sequentialScan !== "");
  process.stdout.write("", () => process.exit(isExplained ? 0 : 1));
} catch (error) {
  console.error(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}

/** Writes the request that the report shows as a page, and says where it is. */
function writePage(file: string, { spans }: DemoResult): string {
  if (spans.length === 0) return "No page was written: the spans were sent elsewhere.";
  writeFileSync(file, waterfallHtml(tracedRequest(spans), { title: "pulse-api: a request with the slowest query" }));
  return `That request is in ${file}.`;
}
