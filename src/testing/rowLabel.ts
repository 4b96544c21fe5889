/**
 * What a waterfall writes of a span where its name stands: that it is a request, and for what, what its query does, and what a
 * cache did for it.
 */
import type { SpanRecord } from "../core/types.js";
import {
  CACHE_HIT,
  CACHE_HIT_COUNT,
  CACHE_LOOKUP_COUNT,
  CACHE_STALE,
  DB_QUERY_SUMMARY,
  HTTP_REQUEST_METHOD,
  URL_QUERY,
} from "../semconv/attributes.js";
import { oneLine } from "./spanText.js";

/** What a cache did for a span. */
export type CacheOutcome = "HIT" | "MISS" | "STALE";

/** The label of a span in its parts. */
export interface RowLabel {
  /** True for a request that a server answered. */
  readonly isRequest: boolean;
  readonly name: string;
  /** What the query of the span does, where the name does not say it. */
  readonly summary: string | undefined;
  readonly cache: CacheMark | undefined;
}

/** The outcome, and its text: `MISS`, or `MISS 3/5` where three of five look-ups hit. */
export interface CacheMark {
  readonly outcome: CacheOutcome;
  readonly text: string;
}

/** The label of a span. */
export function rowLabel(span: SpanRecord): RowLabel {
  const isRequest = span.kind === "server" && span.attributes[HTTP_REQUEST_METHOD] !== undefined;
  const name = oneLine(span.name) + (isRequest ? queryString(span) : "");
  const summary = span.attributes[DB_QUERY_SUMMARY];
  const isSaid = typeof summary !== "string" || name.includes(oneLine(summary));
  return {
    isRequest,
    name,
    summary: isSaid ? undefined : oneLine(summary),
    cache: cacheMark(span),
  };
}

/** What was asked for, as far as it was recorded: names of spans never hold it. Values that were not recorded are `…`. */
function queryString({ attributes }: SpanRecord): string {
  const query = attributes[URL_QUERY];
  return typeof query === "string" && query !== "" ? `?${oneLine(query.replaceAll("=REDACTED", "=…"))}` : "";
}

/** As text: `[Request] GET /api/search?q=…`, `db_search (cache: MISS)`; the second part is what must not be cut off. */
export function labelText(label: RowLabel): readonly [string, string] {
  const { isRequest, name, summary, cache } = label;
  const start = [isRequest ? "[Request] " : "", name, summary === undefined ? "" : ` · ${summary}`].join("");
  return [start, cache === undefined ? "" : ` (cache: ${cache.text})`];
}

function cacheMark({ attributes }: SpanRecord): CacheMark | undefined {
  const hit = attributes[CACHE_HIT];
  const isStale = attributes[CACHE_STALE] === true;
  if (typeof hit !== "boolean" && !isStale) return undefined;
  const outcome = isStale ? "STALE" : hit === true ? "HIT" : "MISS";
  const lookups = attributes[CACHE_LOOKUP_COUNT];
  const hits = attributes[CACHE_HIT_COUNT];
  const isCounted = typeof lookups === "number" && typeof hits === "number" && lookups > 1;
  return { outcome, text: isCounted ? `${outcome} ${hits}/${lookups}` : outcome };
}
