/** Which statements get one fingerprint: against PostgreSQL's own parser, and against what the generator knows. */
import { fingerprintSql } from "convex-otel/sql";
import { fingerprintSync, loadModule } from "libpg-query";
import { type Part, write } from "../../test/adapters/sql/corpus/nodes.js";
import { nearMisses } from "../../test/adapters/sql/corpus/variants.js";
import type { Corpus } from "./corpus.js";
import { type Metric, percent } from "./metric.js";
import { cousins } from "./cousins.js";

export async function grouping(corpora: readonly Corpus[]): Promise<Metric[]> {
  await loadModule();
  const postgresql = corpora.find(({ dialect }) => dialect === "postgresql");
  if (postgresql === undefined) throw new Error("There is no corpus of PostgreSQL.");
  return [...againstParser(postgresql), ...sameAndOther(corpora)];
}

/** Statements with variants, near misses and cousins, in the groups of both. */
function againstParser(corpus: Corpus): Metric[] {
  const pairs: { ours: string; theirs: string }[] = [];
  let rejected = 0;
  for (const { parts } of corpus.statements) {
    // To the fingerprint of libpg-query a table with an alias has no name: FROM pets p is FROM owners p. Not to ours.
    const misses = nearMisses(parts).filter(({ what }) => what !== "table");
    const near = misses.length > 0 ? [corpus.random.pick(misses).parts] : [];
    for (const form of [parts, parts, ...near, ...cousins(parts, corpus.random)] as readonly (readonly Part[])[]) {
      const { sql } = write(form, corpus.random.chance(0.5) ? corpus.plain : corpus.wild);
      const theirs = fingerprintOf(sql);
      if (theirs === undefined) rejected++;
      else pairs.push({ ours: fingerprintSql(sql, { dialect: corpus.dialect }).fingerprint, theirs });
    }
  }
  const { precision, f1, bCubed } = score(pairs);
  const note = `${pairs.length} statements, ${new Set(pairs.map(({ theirs }) => theirs)).size} groups; ${rejected} more are none to the parser`;
  return [
    {
      what: "grouping: pairwise F1",
      value: f1,
      bar: { atLeast: 0.95 },
      stretch: { atLeast: 0.97 },
      format: percent,
      note,
    },
    { what: "grouping: B-cubed", value: bCubed, bar: { atLeast: 0.975 }, stretch: { atLeast: 0.985 }, format: percent },
    {
      what: "grouping: precision",
      value: precision,
      bar: { atLeast: 0.985 },
      stretch: { atLeast: 0.995 },
      format: percent,
    },
  ];
}

function fingerprintOf(sql: string): string | undefined {
  try {
    return fingerprintSync(sql);
  } catch {
    return undefined;
  }
}

function score(pairs: readonly { readonly ours: string; readonly theirs: string }[]) {
  const ours = countBy(pairs, (pair) => pair.ours);
  const theirs = countBy(pairs, (pair) => pair.theirs);
  const both = countBy(pairs, (pair) => `${pair.ours} ${pair.theirs}`);
  const together = pairsIn(both);
  const precision = together / pairsIn(ours);
  const recall = together / pairsIn(theirs);
  let bPrecision = 0;
  let bRecall = 0;
  for (const { ours: mine, theirs: their } of pairs) {
    const shared = both.get(`${mine} ${their}`) ?? 0;
    bPrecision += shared / (ours.get(mine) ?? 1) / pairs.length;
    bRecall += shared / (theirs.get(their) ?? 1) / pairs.length;
  }
  return { precision, f1: mean(precision, recall), bCubed: mean(bPrecision, bRecall) };
}

function countBy<T>(items: readonly T[], key: (item: T) => string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(key(item), (counts.get(key(item)) ?? 0) + 1);
  return counts;
}

const pairsIn = (groups: ReadonlyMap<string, number>): number =>
  [...groups.values()].reduce((sum, size) => sum + (size * (size - 1)) / 2, 0);

/** The harmonic mean. */
const mean = (a: number, b: number): number => (2 * a * b) / (a + b);

/** The same statement written differently, and another one that is nearly the same. */
function sameAndOther(corpora: readonly Corpus[]): Metric[] {
  let same = 0;
  let all = 0;
  let apart = 0;
  let near = 0;
  for (const { dialect, statements, plain, wild } of corpora) {
    const read = (sql: string) => fingerprintSql(sql, { dialect }).fingerprint;
    for (const { parts } of statements) {
      const fingerprint = read(write(parts, plain).sql);
      for (const style of [plain, wild, wild]) {
        all++;
        if (read(write(parts, style).sql) === fingerprint) same++;
      }
      for (const miss of nearMisses(parts)) {
        near++;
        if (read(write(miss.parts, plain).sql) !== fingerprint) apart++;
      }
    }
  }
  return [
    {
      what: "same statement, one fingerprint",
      value: same / all,
      bar: { atLeast: 0.995 },
      stretch: { atLeast: 0.999 },
      format: percent,
      note: `${all} rewritings`,
    },
    {
      what: "near misses kept apart",
      value: apart / near,
      bar: { atLeast: 0.997 },
      stretch: { atLeast: 1 },
      format: percent,
      note: `${near} near misses`,
    },
  ];
}
