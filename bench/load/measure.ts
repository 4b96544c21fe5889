/** Measures all variants in rounds, and counts their spans. */
import { fakeRandom } from "../../src/testing/index.js";
import type { Rounds } from "./figures/metrics.js";
import type { GeneratorProgram } from "./generators/generator.js";
import type { LoadOptions } from "./options.js";
import { requestPlan } from "./requestPlan.js";
import { playRound, type Round } from "./round.js";
import { expectedSpans } from "./spans/expectedSpans.js";
import { probeTraceSizes, type ProbedSizes, untilQuiet } from "./spans/traceSizes.js";
import { setStage, type Stage } from "./stage.js";
import { type Variant, VARIANT_NAMES } from "./variants.js";

/** Spans of a variant, over all rounds with those to warm up. */
export interface SpanCount {
  readonly expected: number;
  /** What Jaeger says that it stored. */
  readonly stored: number;
  /** Names of the spans of a search that had to load. */
  readonly names: readonly string[];
  readonly ofHit: Readonly<Record<string, number>>;
}

/** Figures of a run. */
export interface Measured {
  readonly rounds: Rounds;
  readonly spans: ReadonlyMap<Variant, SpanCount>;
}

type Settings = Pick<LoadOptions, "rounds" | "seconds" | "warmUpRounds" | "connections" | "perSecond" | "rows">;

export async function measure(
  settings: Settings,
  generator: GeneratorProgram,
  log: (line: string) => void,
): Promise<Measured> {
  const stage = await setStage({ variants: VARIANT_NAMES, rows: settings.rows }, log);
  try {
    const probes = await probeAll(stage);
    const all = await playAll(stage, settings, generator, log);
    const spans = await countSpans(stage, probes, all);
    const measured = VARIANT_NAMES.map((variant) => [variant, all[variant].slice(settings.warmUpRounds)] as const);
    return { rounds: Object.fromEntries(measured) as Record<Variant, Round[]>, spans };
  } finally {
    await stage.close();
  }
}

interface Probe extends ProbedSizes {
  /** What Jaeger had stored before the first round. */
  readonly storedBefore: number;
}

async function probeAll({ variants, cache }: Stage): Promise<ReadonlyMap<Variant, Probe>> {
  const probes = new Map<Variant, Probe>();
  for (const [variant, { server, jaeger }] of variants) {
    if (jaeger === undefined) continue;
    await cache.reset();
    probes.set(variant, { ...(await probeTraceSizes(server.url, jaeger)), storedBefore: await jaeger.storedSpans() });
  }
  return probes;
}

/** Each round measures each variant once, in an order of its own: in a fixed one, each would always follow the same other. */
async function playAll(
  { variants, cache, postgres }: Stage,
  { rounds, seconds, warmUpRounds, connections, perSecond }: Settings,
  generator: GeneratorProgram,
  log: (line: string) => void,
): Promise<Record<Variant, Round[]>> {
  const order = shuffler();
  const all = Object.fromEntries(VARIANT_NAMES.map((variant) => [variant, []])) as unknown as Record<Variant, Round[]>;
  for (let round = 0; round < warmUpRounds + rounds; round += 1) {
    const plan = requestPlan(round);
    for (const [variant, { server, jaeger }] of order([...variants])) {
      const processes = { server: server.pid, postgres: postgres.pid, jaeger: jaeger?.pid() };
      const played = await playRound(
        generator,
        { url: server.url, plan, connections, seconds, perSecond },
        cache,
        processes,
      );
      all[variant].push(played);
      const kind = round < warmUpRounds ? "warm-up" : `round ${round - warmUpRounds + 1} of ${rounds}`;
      log(`${kind}, ${variant}: ${played.load.perSecond.toFixed(0)} answers a second`);
    }
  }
  return all;
}

async function countSpans(
  { variants }: Stage,
  probes: ReadonlyMap<Variant, Probe>,
  all: Record<Variant, readonly Round[]>,
): Promise<ReadonlyMap<Variant, SpanCount>> {
  const counts = new Map<Variant, SpanCount>();
  for (const [variant, { sizes, names, storedBefore }] of probes) {
    const jaeger = variants.get(variant)?.jaeger;
    if (jaeger === undefined) continue;
    const expected = all[variant].reduce((sum, round) => sum + expectedOf(round), 0);
    counts.set(variant, { expected, stored: (await untilQuiet(jaeger)) - storedBefore, names, ofHit: sizes.hit });

    function expectedOf({ load: { endpoints }, cache }: Round): number {
      const { search, detail, aggregate } = endpoints;
      const requests = { search: search.requests, detail: detail.requests, aggregate: aggregate.requests };
      return expectedSpans(sizes, requests, cache);
    }
  }
  return counts;
}

/** Every run has the same orders. */
function shuffler(): <T>(items: readonly T[]) => readonly T[] {
  const random = fakeRandom(11);
  return (items) =>
    items
      .map((item) => ({ item, place: random.uint32() }))
      .sort((a, b) => a.place - b.place)
      .map(({ item }) => item);
}
