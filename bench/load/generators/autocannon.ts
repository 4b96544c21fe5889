/** Sends requests with autocannon, where there is no Go to build k6 with. */
import { join } from "node:path";
import { z } from "zod";
import { percentile } from "../figures/percentiles.js";
import { ENDPOINTS, type PlannedRequest } from "../requestPlan.js";
import type { EndpointTimes, GeneratorProgram, LoadResult } from "./generator.js";

export const autocannon: GeneratorProgram = {
  name: "autocannon",
  command: process.execPath,
  args: [join(import.meta.dirname, "autocannonScript.js")],
  read: readTimes,
};

const schema = z.object({
  seconds: z.number(),
  errors: z.number(),
  /** Milliseconds of each answer, by endpoint. */
  times: z.record(z.string(), z.array(z.number())),
});

/** Reads what `autocannonScript.js` writes. */
export function readTimes(figures: unknown): LoadResult {
  const { seconds, errors, times } = schema.parse(figures);
  const endpoints = Object.fromEntries(ENDPOINTS.map((kind) => [kind, endpointTimes(times[kind] ?? [])]));
  const requests = ENDPOINTS.reduce((sum, kind) => sum + (times[kind]?.length ?? 0), 0);
  return {
    requests,
    errors,
    perSecond: requests / seconds,
    endpoints: endpoints as Record<PlannedRequest["kind"], EndpointTimes>,
  };
}

function endpointTimes(times: readonly number[]): EndpointTimes {
  const sorted = [...times].sort((a, b) => a - b);
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((part) => percentile(sorted, part)) as [number, number, number];
  return { requests: times.length, p50, p95, p99 };
}
