/**
 * Scores `fingerprintSql`: what leaks, what is kept, what is grouped, and what it costs, on statements that are generated for
 * every dialect, with a sentinel in every literal. `docs/sql.md` explains the figures.
 *
 * Usage: `npm run bench:sql`. Exits with 1 if a bar is missed.
 */
import { corpora } from "./corpus.js";
import { grouping } from "./grouping.js";
import { hostile } from "./hostile.js";
import { isGood, table } from "./metric.js";
import { safety } from "./safety.js";
import { timing } from "./timing.js";

/** Statements of each dialect; each is written twice for leaks, and four times and more for groups. */
const COUNT = 2000;

/** Another one than the tests use: figures on what the code was developed with say little. */
const SEED = 77_000;

const corpus = corpora(COUNT, SEED);
const metrics = [...safety(corpus), ...(await grouping(corpus)), ...hostile(), ...(await timing())];
console.log(table(metrics));
console.log(`\nNode.js ${process.version}, ${process.arch}. Times are medians of ratios over interleaved rounds.`);
process.exitCode = isGood(metrics) ? 0 : 1;
