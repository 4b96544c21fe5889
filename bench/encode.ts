/** Encoding spans as OTLP/JSON. */
import type * as encodeCases from "./cases/encode/encode.js";
import { loadCase } from "./harness/bundledModules.js";
import { compare } from "./harness/compare.js";
import type { Row, Section } from "./harness/report.js";

/** Of the time that `JsonTraceSerializer` of `@opentelemetry/otlp-transformer` takes. */
const BUDGET = 1;

const SPAN_COUNTS = [1, 10, 100, 500];

const TIME = { seconds: 2 };

export async function encodeSection(): Promise<Section> {
  const cases = (await loadCase("encode")) as typeof encodeCases;
  const rows: Row[] = [];
  for (const count of SPAN_COUNTS) {
    const ours = cases.ourSpans(count);
    const theirs = cases.sdkSpans(count);
    assertSameSpans(cases.encodeOurs(ours), cases.encodeOfficial(theirs), count);
    const sides = { ours: () => cases.encodeOurs(ours), theirs: () => cases.encodeOfficial(theirs) };
    rows.push(await compare({ what: `${count} spans`, ...sides, budget: BUDGET, units: count }, TIME));
  }
  return { title: "OTLP/JSON: spans to bytes (ours / JsonTraceSerializer, each span)", rows };
}

/** A comparison is worth nothing if one side leaves something out. */
function assertSameSpans(ours: Uint8Array, theirs: Uint8Array | undefined, count: number): void {
  for (const [name, bytes] of Object.entries({ ours, theirs })) {
    const text = new TextDecoder().decode(bytes);
    const found = { spans: text.split('"traceId"').length - 1, attributes: text.split('"task.rank"').length - 1 };
    if (found.spans !== count || found.attributes !== count) {
      throw new Error(`${name}: ${JSON.stringify(found)} instead of ${count} spans with their attributes`);
    }
  }
}
