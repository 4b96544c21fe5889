/**
 * Tells the spans around a look-up what came of it: the span that asked, and the request it works for. Whether a request
 * was slow because a cache missed is a question about requests.
 */
import { requestSpan } from "../../core/requestSpan.js";
import type { Span } from "../../core/types.js";
import { CACHE_HIT, CACHE_HIT_COUNT, CACHE_LOOKUP_COUNT, CACHE_STALE } from "../../semconv/attributes.js";
import { cacheState } from "./state.js";

/** What was found: how many values were asked for, and how many were there. */
export interface Found {
  readonly lookups: number;
  readonly hits: number;
  /** True if what was found is past its time to live. */
  readonly isStale?: boolean;
}

/** What a span knows of the look-ups below it. */
export interface Tally {
  lookups: number;
  hits: number;
  /** Spans of in-process look-ups that were recorded. */
  spans: number;
}

/** Counts a look-up on the span that asked for it and on its request. */
export function noteLookup(found: Found, asking: Span | undefined): void {
  if (asking === undefined || found.lookups === 0) return;
  const request = requestSpan(asking);
  count(asking, found);
  if (request !== undefined && request !== asking) count(request, found);
}

function count(span: Span, { lookups, hits, isStale = false }: Found): void {
  if (!span.isRecording()) return;
  const tally = tallyOf(span);
  tally.lookups += lookups;
  tally.hits += hits;
  span.setAttributes({
    [CACHE_HIT]: tally.hits === tally.lookups,
    [CACHE_LOOKUP_COUNT]: tally.lookups,
    [CACHE_HIT_COUNT]: tally.hits,
    ...(isStale ? { [CACHE_STALE]: true } : {}),
  });
}

/**
 * The most spans of in-process look-ups below one span: a loop over a map would bury everything else, and cost more than
 * it tells. The rest is counted.
 */
const MOST_SPANS = 20;

/** Whether another in-process operation below the span may have a span of its own. */
export function claimSpan(asking: Span): boolean {
  const tally = tallyOf(requestSpan(asking) ?? asking);
  if (tally.spans >= MOST_SPANS) return false;
  tally.spans += 1;
  return true;
}

function tallyOf(span: Span): Tally {
  const { tallies } = cacheState();
  let tally = tallies.get(span);
  if (tally === undefined) tallies.set(span, (tally = { lookups: 0, hits: 0, spans: 0 }));
  return tally;
}
