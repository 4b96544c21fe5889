/** The requests of a round: the mixed traffic of the demo, the same ones for each variant. */
import { type Ask, traffic } from "../../examples/pulse-api/demo/traffic.js";

/** A request to send. */
export type PlannedRequest = Ask;

export const ENDPOINTS: readonly PlannedRequest["kind"][] = ["search", "detail", "aggregate"];

/** More than a connection sends in a round. */
const LENGTH = 4_000;

export function requestPlan(round: number): readonly PlannedRequest[] {
  // Without the filter that lacks an index: that one measures Postgres.
  const next = traffic("before", 1 + round);
  return Array.from({ length: LENGTH }, () => next());
}
