/** Recording a span: start, three attributes, end. */
import type * as recordCases from "./cases/record/record.js";
import { loadCase } from "./harness/bundledModules.js";
import { compare } from "./harness/compare.js";
import type { Section } from "./harness/report.js";

/** Of the time that `@opentelemetry/sdk-trace-base` takes. */
const BUDGET = 0.5;

const TIME = { seconds: 2.5 };

export async function recordSection(): Promise<Section> {
  const cases = (await loadCase("record")) as typeof recordCases;
  const spans = cases.CHILD_SPANS + 1;
  const shared = { theirs: cases.recordWithSdk, budget: BUDGET, units: spans };
  return {
    title: `Span: start, 3 attributes, end; calls of ${spans} spans (ours / sdk-trace-base, each span)`,
    rows: [
      await compare({ what: "recorded", ours: cases.recordCall, ...shared }, TIME),
      await compare({ what: "recorded and made into plain records", ours: cases.recordAndFinishCall, ...shared }, TIME),
    ],
  };
}
