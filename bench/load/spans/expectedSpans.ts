/**
 * How many spans a round must have made. Nothing of it comes from the tracing that is measured: the requests are the load
 * generator's count, what became of their look-ups is Redis', and the size of each kind of trace was read from Jaeger before.
 */
import type { CacheCounts } from "../machines/cacheServer.js";
import type { PlannedRequest } from "../requestPlan.js";

/** Spans of the traces of a variant. */
export interface TraceSizes {
  /** Of a request whose look-up hit, by endpoint. */
  readonly hit: Readonly<Record<PlannedRequest["kind"], number>>;
  /** What is added by a load: the query, and the store into the cache. */
  readonly load: number;
  /** Of these, the look-up's: a request that finds a load under way does without. */
  readonly lookup: number;
}

/** A request that waits for the load of another has one span for that. */
const WAIT = 1;

/** Expected spans of a round. */
export function expectedSpans(
  { hit, load, lookup }: TraceSizes,
  requests: Readonly<Record<PlannedRequest["kind"], number>>,
  { lookups, misses, stores }: CacheCounts,
): number {
  const kinds = Object.keys(hit) as PlannedRequest["kind"][];
  const asked = kinds.reduce((sum, kind) => sum + requests[kind], 0);
  const ofHits = kinds.reduce((sum, kind) => sum + requests[kind] * hit[kind], 0);
  const waitedInstead = asked - lookups;
  const waitedAfterMiss = misses - stores;
  return ofHits + stores * load + waitedAfterMiss * WAIT + waitedInstead * (WAIT - lookup);
}
