/**
 * What tracing costs, as ratios to what people use otherwise, all measured in this run. The budgets are the project's
 * own; `docs/performance.md` explains the figures.
 *
 * Usage: `npm run build`, then `npm run bench`, or `npm run bench -- record encode` for some of the sections; `npm run bench -- drivers`
 * for the drivers, which need PostgreSQL and Redis.
 */
import { type Section, table } from "./harness/report.js";

/**
 * Each is loaded when it is its turn, and those that load instrumentations come last: these change objects of the platform, after
 * which V8 runs everything else at half the speed.
 */
const SECTIONS: Readonly<Record<string, () => Promise<Section>>> = {
  record: async () => await (await import("./record.js")).recordSection(),
  carrier: async () => await (await import("./carrier.js")).carrierSection(),
  encode: async () => await (await import("./encode.js")).encodeSection(),
  wrapper: async () => await (await import("./wrapper.js")).wrapperSection(),
  evaluation: async () => await (await import("./evaluation.js")).evaluationSection(),
  growth: async () => await (await import("./growth.js")).growthSection(),
  latency: async () => await (await import("./latency.js")).latencySection(),
  server: async () => await (await import("./server.js")).serverSection(),
  requests: async () => await (await import("./requests.js")).requestsSection(),
  drivers: async () => await (await import("./drivers.js")).driversSection(),
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
