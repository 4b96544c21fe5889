/** Calls with very many spans: linear in time and memory, and bounded by the limits. */
import type * as growthCases from "./cases/growth/growth.js";
import { loadCase } from "./harness/bundledModules.js";
import { cpuClock, interleave, liveHeap, repeated } from "./harness/interleave.js";
import { duration, exactly, type Row, type Section } from "./harness/report.js";
import { estimate, ratios } from "./harness/statistics.js";

/**
 * Cost of a span in a call of 10,000, over that in a call of 100. More than 1, because spans stay alive until the call has
 * ended and the garbage collector copies what stays alive; a step that is quadratic would show as 100.
 */
const TIME_BUDGET = 3;

/** The same of memory, where nothing but the spans is counted. */
const MEMORY_BUDGET = 1.2;

/** Spans and bytes that leave a call at most: the limits of `src/core/limits.ts` and `src/otlp/encode.ts`. */
const SPAN_LIMIT = 512;
const TEXT_LIMIT = 256_000;

const FEW = 100;
const MANY = 10_000;

const TIME = { seconds: 4, minRounds: 20 };

type Cases = typeof growthCases;

export async function growthSection(): Promise<Section> {
  const cases = (await loadCase("growth")) as Cases;
  return {
    title: `Growth: a call from its first span to its text (each span; over a call of ${FEW} spans)`,
    rows: [...(await timeRows(cases)), memoryRow(cases), ...boundRows(cases)],
  };
}

async function timeRows({ callWithSpans }: Cases): Promise<Row[]> {
  const times = await interleave(
    {
      one: repeated(() => callWithSpans(1, "no limits"), cpuClock),
      few: repeated(() => callWithSpans(FEW, "no limits"), cpuClock),
      many: repeated(() => callWithSpans(MANY, "no limits"), cpuClock),
      limited: repeated(() => callWithSpans(MANY, "default limits"), cpuClock),
    },
    TIME,
  );
  const perSpan = (series: readonly number[], count: number) => series.map((time) => time / count);
  const few = perSpan(times.few, FEW);
  const row = (what: string, series: readonly number[], budget?: number): Row => ({
    what,
    ratio: estimate(ratios(series, few)),
    budget,
    note: `${duration(series)} / ${duration(few)}`,
  });
  return [
    row("processor time, 1 span (with the fixed cost of a call)", times.one),
    row(`processor time, ${MANY} spans without limits`, perSpan(times.many, MANY), TIME_BUDGET),
    row(`processor time, ${MANY} spans with the default limits`, perSpan(times.limited, MANY), 1),
  ];
}

/** Live memory of calls that have ended and are still held: spans and text. */
function memoryRow({ callWithSpans }: Cases): Row {
  const bytesPerSpan = (calls: number, count: number) => {
    const before = liveHeap();
    const held = Array.from({ length: calls }, () => callWithSpans(count, "no limits"));
    const bytes = liveHeap() - before;
    return bytes / (held.length * count);
  };
  const many = bytesPerSpan(1, MANY);
  const few = bytesPerSpan(MANY / FEW, FEW);
  const note = `${Math.round(many)} B / ${Math.round(few)} B`;
  return { what: `memory, ${MANY} spans without limits`, ratio: exactly(many / few), budget: MEMORY_BUDGET, note };
}

/** What leaves a call of many spans, as a share of what may. */
function boundRows({ callWithSpans }: Cases): Row[] {
  const { encoded } = callWithSpans(MANY, "default limits");
  const bytes = Buffer.byteLength(encoded.text);
  const share = (what: string, value: number, limit: number): Row => ({
    what,
    ratio: exactly(value / limit),
    budget: 1,
    note: `${value} of ${limit}`,
  });
  return [
    share(`spans that leave a call of ${MANY}, of the limit`, encoded.spanCount, SPAN_LIMIT),
    share(`bytes that leave it, of the limit`, bytes, TEXT_LIMIT),
  ];
}
