/** Sends requests with k6. */
import { join } from "node:path";
import { z } from "zod";
import { ENDPOINTS, type PlannedRequest } from "../requestPlan.js";
import type { EndpointTimes, GeneratorProgram, LoadResult } from "./generator.js";

/** @param binary - of k6 */
export function k6(binary: string): GeneratorProgram {
  const script = join(import.meta.dirname, "k6Script.js");
  return { name: "k6", command: binary, args: ["run", "--quiet", "--no-usage-report", script], read: readSummary };
}

const trend = z.object({ values: z.object({ "p(50)": z.number(), "p(95)": z.number(), "p(99)": z.number() }) });
const counter = z.object({ values: z.object({ count: z.number() }) });
const summarySchema = z.object({
  state: z.object({ testRunDurationMs: z.number() }),
  metrics: z.record(z.string(), z.unknown()),
});

/** Reads what k6 hands to `handleSummary`. */
export function readSummary(summary: unknown): LoadResult {
  const { state, metrics } = summarySchema.parse(summary);
  const requests = counter.parse(metrics["http_reqs"]).values.count;
  // A rate whose "passes" are the failed requests.
  const failed = z.object({ values: z.object({ passes: z.number() }) }).parse(metrics["http_req_failed"]);
  // Of an arrival rate: there only if some were.
  const unsent = counter.optional().parse(metrics["dropped_iterations"])?.values.count ?? 0;
  const endpoints = Object.fromEntries(ENDPOINTS.map((kind) => [kind, readEndpoint(metrics, kind)]));
  return {
    requests,
    errors: failed.values.passes + unsent,
    perSecond: (requests * 1000) / state.testRunDurationMs,
    endpoints: endpoints as Record<PlannedRequest["kind"], EndpointTimes>,
  };
}

function readEndpoint(metrics: Readonly<Record<string, unknown>>, kind: string): EndpointTimes {
  const { values } = trend.parse(metrics[`http_req_duration{kind:${kind}}`]);
  const requests = counter.parse(metrics[`http_reqs{kind:${kind}}`]).values.count;
  return { requests, p50: values["p(50)"], p95: values["p(95)"], p99: values["p(99)"] };
}
