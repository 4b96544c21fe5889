/**
 * Tells the spans around a look-up what came of it: the span that asked, and the request it works for. Whether a request
 * was slow because a cache missed is a question about requests.
 *
 * The counts of a request and of the span that asked last are kept on what all spans of the request share, where there is such a
 * thing: a weak map is ten times as dear, and for the garbage collector it is dearer still.
 */
import { callScopeOf } from "../../core/activeCall.js";
import { beforeEnd } from "../../core/beforeEnd.js";
import { activeContext } from "../../core/context.js";
import type { ActiveContext, CallScope } from "../../core/ports.js";
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

/** A look-up that found its one value, one that did not, and what is no look-up. */
export const HIT: Found = { lookups: 1, hits: 1 };
export const MISS: Found = { lookups: 1, hits: 0 };
export const NOTHING: Found = { lookups: 0, hits: 0 };

/** What a span knows of the look-ups below it. */
export interface Tally {
  lookups: number;
  hits: number;
  isStale: boolean;
  /** Spans of in-process look-ups that were recorded. */
  spans: number;
  /** The span will ask when it ends; others are told each time. */
  isWrittenAtEnd: boolean;
}

/** The counts of one request. */
interface RequestTallies {
  readonly request: Tally;
  /** The span that asked last, and what it knows. Others are in the weak map of the process meanwhile. */
  asking: Span | undefined;
  askingTally: Tally;
}

const TALLIES = Symbol.for("convex-otel.cache.tallies.v1");

/** Counts a look-up on the span that asked for it and on its request. `context`: that in which it began; it may end in another. */
export function noteLookup(found: Found, asking: Span | undefined, context: ActiveContext | undefined): void {
  if (asking === undefined || found.lookups === 0) return;
  const request = requestSpan(asking, context);
  const tallies = talliesOf(asking, context);
  if (request === undefined || request === asking) {
    return count(asking, requestTally(asking, request, tallies), found);
  }
  count(asking, askingTally(asking, tallies), found);
  count(request, requestTally(asking, request, tallies), found);
}

function count(span: Span, tally: Tally, { lookups, hits, isStale = false }: Found): void {
  if (!span.isRecording()) return;
  tally.lookups += lookups;
  tally.hits += hits;
  tally.isStale ||= isStale;
  if (tally.isWrittenAtEnd) return;
  tally.isWrittenAtEnd = beforeEnd(span, () => write(span, tally));
  if (!tally.isWrittenAtEnd) write(span, tally);
}

function write(span: Span, { lookups, hits, isStale }: Tally): void {
  span.setAttributes({
    [CACHE_HIT]: hits === lookups,
    [CACHE_LOOKUP_COUNT]: lookups,
    [CACHE_HIT_COUNT]: hits,
    [CACHE_STALE]: isStale ? true : undefined,
  });
}

/**
 * The most spans of in-process look-ups below one span: a loop over a map would bury everything else, and cost more than
 * it tells. The rest is counted.
 */
const MOST_SPANS = 20;

/** Whether another in-process operation below the span may have a span of its own. */
export function claimSpan(asking: Span): boolean {
  const context = activeContext();
  const tally = requestTally(asking, requestSpan(asking, context), talliesOf(asking, context));
  if (tally.spans >= MOST_SPANS) return false;
  tally.spans += 1;
  return true;
}

/** What the request knows, or the span that asks where no request is known. */
function requestTally(asking: Span, request: Span | undefined, tallies: RequestTallies | undefined): Tally {
  return request === undefined || tallies === undefined ? weakTally(request ?? asking) : tallies.request;
}

/** What a span knows that is not the request's. */
function askingTally(asking: Span, tallies: RequestTallies | undefined): Tally {
  if (tallies === undefined) return weakTally(asking);
  if (tallies.asking !== asking) {
    // Spans ask one after the other, so that one place is enough for nearly all; who comes back finds what it had.
    const { tallies: weak } = cacheState();
    if (tallies.asking !== undefined) weak.set(tallies.asking, tallies.askingTally);
    tallies.asking = asking;
    tallies.askingTally = weak.get(asking) ?? emptyTally();
  }
  return tallies.askingTally;
}

/** The counts of the request that a span works for; undefined for spans that share nothing. */
function talliesOf(asking: Span, context: ActiveContext | undefined): RequestTallies | undefined {
  const call: (CallScope & { [TALLIES]?: RequestTallies }) | undefined = context?.call ?? callScopeOf(asking);
  if (call === undefined) return undefined;
  if (call[TALLIES] === undefined && Object.isExtensible(call)) {
    call[TALLIES] = { request: emptyTally(), asking: undefined, askingTally: emptyTally() };
  }
  return call[TALLIES];
}

function weakTally(span: Span): Tally {
  const { tallies } = cacheState();
  let tally = tallies.get(span);
  if (tally === undefined) tallies.set(span, (tally = emptyTally()));
  return tally;
}

function emptyTally(): Tally {
  return { lookups: 0, hits: 0, isStale: false, spans: 0, isWrittenAtEnd: false };
}
