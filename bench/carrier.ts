/** Injecting and extracting trace context. */
import type * as carrierCases from "./cases/carrier/carrier.js";
import { loadCase } from "./harness/bundledModules.js";
import { compare } from "./harness/compare.js";
import type { Section } from "./harness/report.js";

/** Of the time that `W3CTraceContextPropagator` takes through the OpenTelemetry API. */
const BUDGET = 0.33;

const TIME = { seconds: 2 };

export async function carrierSection(): Promise<Section> {
  const cases = (await loadCase("carrier")) as typeof carrierCases;
  const row = (what: string, ours: () => unknown, theirs: () => unknown) =>
    compare({ what, ours, theirs, budget: BUDGET }, TIME);
  return {
    title: "Carrier: inject and extract (ours / W3CTraceContextPropagator through the API, each pair)",
    rows: [
      await row("child span, the same fields", cases.childOfOurs, cases.childOfficial),
      await row("child span, with our lineage member", cases.childOfOursWithLineage, cases.childOfficial),
      await row("passed through, tracestate of two vendors", cases.passVendorsOurs, cases.passVendorsOfficial),
      await row("passed through, our lineage member", cases.passLineageOurs, cases.passLineageOfficial),
    ],
  };
}
