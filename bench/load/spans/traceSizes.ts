/** Asks the API a few things under trace ids of our own, and reads from Jaeger how many spans that made. */
import { setTimeout as sleep } from "node:timers/promises";
import { DEMO_KEY } from "../../../examples/pulse-api/src/startServer.js";
import type { Jaeger } from "../../../test/e2e/jaeger.js";
import type { JaegerTrace } from "../../../test/e2e/jaegerClient.js";
import type { PlannedRequest } from "../requestPlan.js";
import type { TraceSizes } from "./expectedSpans.js";

/** One request of each endpoint, that traffic does not have. */
const SAMPLES: Readonly<Record<PlannedRequest["kind"], string>> = {
  search: "/api/search?q=amber%20lamp%2095",
  detail: "/api/listings/999",
  aggregate: "/api/categories/category-99/stats",
};

/** Asked for first: its trace may have a new connection in it. */
const OPENS_CONNECTION = "/api/listings/998";

const POLL_EVERY_MS = 250;

/** Longer than a batch waits by default. */
const QUIET_MS = 6_500;

/** Sizes, and the names of a trace for the report. */
export interface ProbedSizes {
  readonly sizes: TraceSizes;
  /** Names of the spans of a search that had to load. */
  readonly names: readonly string[];
}

/** @throws Error if a load makes different numbers of spans in different endpoints: nothing could be expected then */
export async function probeTraceSizes(url: string, jaeger: Jaeger): Promise<ProbedSizes> {
  const kinds = Object.keys(SAMPLES) as PlannedRequest["kind"][];
  await ask(url, OPENS_CONNECTION);
  const ids: Record<string, { miss: string; hit: string }> = {};
  for (const kind of kinds) ids[kind] = { miss: await ask(url, SAMPLES[kind]), hit: await ask(url, SAMPLES[kind]) };
  await untilQuiet(jaeger);
  const hit: Record<string, number> = {};
  const loads: number[] = [];
  let lookup = 0;
  let names: readonly string[] = [];
  for (const kind of kinds) {
    const hitTrace = await jaeger.getTrace(ids[kind]?.hit ?? "");
    const missTrace = await jaeger.getTrace(ids[kind]?.miss ?? "");
    hit[kind] = hitTrace.spans.length;
    loads.push(missTrace.spans.length - hitTrace.spans.length);
    lookup = lookupSize(hitTrace);
    if (kind === "search") names = missTrace.spans.map(({ operationName }) => operationName);
  }
  const [load = 0] = loads;
  if (loads.some((other) => other !== load))
    throw new Error(`Loads make different numbers of spans: ${loads.join(", ")}.`);
  return { sizes: { hit: hit as TraceSizes["hit"], load, lookup }, names };
}

/** Waits until no span has arrived for longer than a batch waits. */
export async function untilQuiet(jaeger: Jaeger): Promise<number> {
  let count = await jaeger.storedSpans();
  let since = performance.now();
  while (performance.now() - since < QUIET_MS) {
    await sleep(POLL_EVERY_MS);
    const now = await jaeger.storedSpans();
    if (now !== count) since = performance.now();
    count = now;
  }
  return count;
}

/** Spans of the look-up: the cache's, and those of the client below it. */
function lookupSize({ spans }: JaegerTrace): number {
  const lookups = new Set(
    spans.filter((span) => span.operationName.startsWith("cache get")).map((span) => span.spanID),
  );
  const below = spans.filter(({ references }) => references.some(({ spanID }) => lookups.has(spanID)));
  return lookups.size + below.length;
}

/** Sends a request in a sampled trace, and returns its id. */
async function ask(url: string, path: string): Promise<string> {
  const random = (digits: number): string =>
    Array.from({ length: digits }, () => (1 + Math.floor(Math.random() * 15)).toString(16)).join("");
  const traceId = random(32);
  const headers = { "x-api-key": DEMO_KEY, traceparent: `00-${traceId}-${random(16)}-01` };
  const response = await fetch(url + path, { headers });
  await response.arrayBuffer();
  if (!response.ok) throw new Error(`GET ${path} was answered with ${response.status}.`);
  return traceId;
}
