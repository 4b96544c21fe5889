/** Encoding spans as OTLP/JSON and as OTLP/protobuf. */
import type * as encodeCases from "./cases/encode/encode.js";
import { loadCase } from "./harness/bundledModules.js";
import { compare } from "./harness/compare.js";
import type { Row, Section } from "./harness/report.js";

/** Of the time that the serializer of `@opentelemetry/otlp-transformer` for the same format takes. */
const BUDGET = 1;

const SPAN_COUNTS = [1, 10, 100, 500];

const TIME = { seconds: 2 };

export async function encodeSection(): Promise<Section> {
  const cases = (await loadCase("encode")) as typeof encodeCases;
  const rows: Row[] = [];
  for (const count of SPAN_COUNTS) {
    const ours = cases.ourSpans(count);
    const theirs = cases.sdkSpans(count);
    const formats = {
      "OTLP/JSON": { ours: () => cases.encodeOurs(ours), theirs: () => cases.encodeOfficial(theirs) },
      "OTLP/protobuf": {
        ours: () => cases.encodeOursProtobuf(ours),
        theirs: () => cases.encodeOfficialProtobuf(theirs),
      },
    };
    for (const [format, sides] of Object.entries(formats)) {
      assertSameSpans(sides.ours(), sides.theirs(), count);
      rows.push(await compare({ what: `${format}, ${count} spans`, ...sides, budget: BUDGET, units: count }, TIME));
    }
  }
  return { title: "OTLP: spans to bytes (ours / serializer of otlp-transformer, each span)", rows };
}

/** A comparison is worth nothing if one side leaves something out. Names stand in the bytes of both formats as they are. */
function assertSameSpans(ours: Uint8Array, theirs: Uint8Array | undefined, count: number): void {
  for (const [name, bytes] of Object.entries({ ours, theirs })) {
    const text = new TextDecoder().decode(bytes);
    const names = text.split(/db\.insert|mutation/).length - 1;
    const attributes = text.split("task.rank").length - 1;
    if (names !== count || attributes !== count) {
      throw new Error(`${name}: ${names} names and ${attributes} attributes instead of those of ${count} spans`);
    }
  }
}
