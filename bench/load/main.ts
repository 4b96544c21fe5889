/**
 * What tracing costs an API under load: the example API, plain, traced by convex-otel, and traced by auto-instrumentations-node, on a
 * real Postgres, Redis and Jaeger, in turns in one run.
 *
 * `npm run bench:load` prints the figures; `-- --compare` fails where they are worse than the baseline by more than the noise;
 * `-- --save` writes the baseline; `-- --profile` prints where convex-otel's server spends its time; `-- --soak` sends a day's worth of
 * requests as fast as they are answered, and tells whether memory grows.
 * `-- --per-second 1000` sends so many requests, to servers that are not busy all the time: what tracing costs the caller then.
 * For a quick look: `-- --rows 20000 --rounds 3 --seconds 2`.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Baseline, baselineSchema, compareBaselines, measureEntries } from "./figures/baseline.js";
import { METRICS } from "./figures/metrics.js";
import { chooseGenerator } from "./generators/chooseGenerator.js";
import { measure } from "./measure.js";
import { parseOptions } from "./options.js";
import { profile } from "./profile.js";
import { report, reportChanges } from "./report.js";
import { soak } from "./soak.js";

const file = join(import.meta.dirname, "baseline.json");
const log = (line: string): void => console.error(line);

const options = parseOptions(process.argv.slice(2));
// Before the servers run for minutes.
const baseline = options.mode === "compare" ? readBaseline() : undefined;
const generator = chooseGenerator(options.generator);

if (options.mode === "profile") {
  console.log(await profile(options, generator, log));
} else if (options.mode === "soak") {
  console.log(await soak(options, generator, log));
} else {
  const measured = await measure(options, generator, log);
  console.log(report(measured));
  const metrics = measureEntries(measured.rounds, METRICS);
  const { rounds, seconds: secondsOfRound, connections, rows, perSecond } = options;
  const now: Baseline = {
    generator: generator.name,
    connections,
    rows,
    rounds,
    secondsOfRound,
    node: process.version,
    metrics,
  };
  console.log(
    `\nNode.js ${process.version}, ${generator.name}, ${rows} rows, ${connections} connections${perSecond === undefined ? "" : `, ${perSecond} requests a second`}, ${rounds} rounds of ${secondsOfRound} s.`,
  );
  if (options.mode === "save") writeFileSync(file, `${JSON.stringify(now, null, 2)}\n`);
  if (baseline !== undefined) compareWithBaseline(baseline, now);
}

/** @throws Error that says how to make one, or what of it cannot be read */
function readBaseline(): Baseline {
  if (!existsSync(file))
    throw new Error("There is no baseline to compare with; npm run bench:load -- --save makes one.");
  return baselineSchema.parse(JSON.parse(readFileSync(file, "utf8")));
}

function compareWithBaseline(before: Baseline, now: Baseline): void {
  for (const setting of ["generator", "connections", "rows"] as const) {
    if (before[setting] !== now[setting]) {
      throw new Error(`The baseline was measured with ${setting} ${before[setting]}, this run with ${now[setting]}.`);
    }
  }
  const changes = compareBaselines(before.metrics, now.metrics, METRICS);
  console.log(`\n${reportChanges(changes)}`);
  if (changes.some(({ verdict }) => verdict === "regression")) process.exitCode = 1;
}
