/**
 * What tracing costs, as ratios to what people use otherwise, all measured in this run. The budgets are the project's
 * own; `docs/performance.md` explains the figures.
 *
 * Usage: `npm run build`, then `npm run bench`, or `npm run bench -- record encode` for some of the sections; `npm run bench -- drivers`
 * for the drivers, which need PostgreSQL and Redis.
 */
import { carrierSection } from "./carrier.js";
import { driversSection } from "./drivers.js";
import { encodeSection } from "./encode.js";
import { evaluationSection } from "./evaluation.js";
import { growthSection } from "./growth.js";
import { type Section, table } from "./harness/report.js";
import { latencySection } from "./latency.js";
import { recordSection } from "./record.js";
import { requestsSection } from "./requests.js";
import { serverSection } from "./server.js";
import { wrapperSection } from "./wrapper.js";

const SECTIONS: Readonly<Record<string, () => Promise<Section>>> = {
  record: recordSection,
  server: serverSection,
  carrier: carrierSection,
  encode: encodeSection,
  wrapper: wrapperSection,
  drivers: driversSection,
  evaluation: evaluationSection,
  growth: growthSection,
  latency: latencySection,
  requests: requestsSection,
};

/** What needs servers that not every machine has: only where it is asked for. */
const ON_REQUEST: readonly string[] = ["drivers"];

const started = performance.now();
const chosen = process.argv.slice(2);
const unknown = chosen.filter((name) => !(name in SECTIONS));
if (unknown.length > 0) {
  console.error(`There is no section ${unknown.join(", ")}; there are ${Object.keys(SECTIONS).join(", ")}.`);
  process.exit(1);
}

const sections: Section[] = [];
for (const [name, measure] of Object.entries(SECTIONS)) {
  if (chosen.length === 0 ? ON_REQUEST.includes(name) : !chosen.includes(name)) continue;
  console.error(`measuring ${name} …`);
  sections.push(await measure());
}
console.log(table(sections));
console.log(
  `\nNode.js ${process.version}, ${process.arch}; ${((performance.now() - started) / 1000).toFixed(0)} s. ` +
    "Ratios are medians over interleaved rounds. Times (ours / theirs) are of this machine in this minute.",
);
