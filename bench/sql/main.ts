/**
 * Scores `fingerprintSql`: what leaks, what is kept, what is grouped, and what it costs, on statements that are generated for
 * every dialect, with a sentinel in every literal. `docs/sql.md` explains the figures.
 *
 * Usage: `npm run bench:sql`, or `npm run bench:sql -- safety grouping hostile timing` for some of the sections. Exits with 1 if a bar is missed.
 */
import { corpora } from "./corpus.js";
import { grouping } from "./grouping.js";
import { hostile } from "./hostile.js";
import { isGood, type Metric, table } from "./metric.js";
import { safety } from "./safety.js";
import { timing } from "./timing.js";

/** Statements of each dialect; each is written twice for leaks, and four times and more for groups. */
const COUNT = 700;

/** Another one than the tests use: figures on what the code was developed with say little. */
const SEED = 77_000;

const SECTIONS: Readonly<Record<string, () => readonly Metric[] | Promise<readonly Metric[]>>> = {
  safety: () => safety(corpora(COUNT, SEED)),
  grouping: () => grouping(corpora(COUNT, SEED)),
  hostile,
  timing,
};

const metrics: Metric[] = [];
const chosen = process.argv.slice(2);
for (const [name, measure] of Object.entries(SECTIONS)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  console.error(`measuring ${name} …`);
  metrics.push(...(await measure()));
}
console.log(table(metrics));
console.log(`\nNode.js ${process.version}, ${process.arch}. Times are medians of ratios over interleaved rounds.`);
process.exitCode = isGood(metrics) ? 0 : 1;
