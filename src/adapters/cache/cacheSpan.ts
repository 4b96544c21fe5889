/** The spans of caches, and the attributes that all of them have. */
import { withSpan } from "../../core/api.js";
import { recordedSpan } from "../../core/recordedSpan.js";
import { sha256Hex } from "../../core/sha256.js";
import type { Attributes, Span } from "../../core/types.js";
import {
  CACHE_ENDPOINT_CLASS,
  CACHE_HIT,
  CACHE_KEY_HASH,
  CACHE_NAME,
  CACHE_OPERATION,
  CACHE_STALE,
  CACHE_TARGET_HIT_RATIO,
} from "../../semconv/attributes.js";
import { type Found, noteLookup } from "./lookups.js";
import { observe } from "../../core/observe.js";
import type { CacheProfile, EndpointProfile } from "./options.js";

/** What is done to a cache. */
export type CacheOperation = "get" | "set" | "delete" | "clear";

/** An operation that is about to run. */
export interface CacheCall {
  readonly operation: CacheOperation;
  readonly key?: unknown;
  readonly endpoint?: EndpointProfile;
  readonly attributes?: Attributes;
}

/** Attributes of an operation. The class and its target are those of look-ups: they are what a hit ratio is of. */
export function cacheAttributes(profile: CacheProfile, { operation, key, endpoint = profile }: CacheCall): Attributes {
  const isLookup = operation === "get";
  return {
    [CACHE_NAME]: profile.name,
    [CACHE_OPERATION]: operation,
    [CACHE_KEY_HASH]: keyHash(key),
    [CACHE_ENDPOINT_CLASS]: isLookup ? endpoint.endpointClass : undefined,
    [CACHE_TARGET_HIT_RATIO]: isLookup ? endpoint.targetHitRatio : undefined,
  };
}

/** Attributes that say what a look-up found. */
export function foundAttributes({ lookups, hits, isStale = false }: Found): Attributes {
  if (lookups === 0) return {};
  return isStale ? { [CACHE_HIT]: hits === lookups, [CACHE_STALE]: true } : { [CACHE_HIT]: hits === lookups };
}

/**
 * Runs an operation in a span `cache {operation} {name}`, below the active span; without one it just runs. What a look-up
 * found is told to the spans around it; one that fails found nothing.
 */
export function withCacheSpan<T>(
  profile: CacheProfile,
  call: CacheCall,
  run: () => T,
  look: (value: unknown, span: Span) => Found,
): T {
  const asking = recordedSpan();
  if (asking === undefined) return run();
  const attributes = { ...cacheAttributes(profile, call), ...call.attributes };
  return withSpan(`cache ${call.operation} ${profile.name}`, { attributes }, (span) => {
    return observe(run, (outcome) => {
      const found = "thrown" in outcome ? nothing(call.operation) : look(outcome.value, span);
      span.setAttributes(foundAttributes(found));
      noteLookup(found, asking);
    });
  });
}

/** What an operation found that failed. */
function nothing(operation: CacheOperation): Found {
  return { lookups: operation === "get" ? 1 : 0, hits: 0 };
}

/** For operations that find nothing. */
export function foundNothing(): Found {
  return { lookups: 0, hits: 0 };
}

const HASH_DIGITS = 16;

/** A key as telemetry may know it; undefined for keys that are objects with an identity only. */
export function keyHash(key: unknown): string | undefined {
  if (typeof key === "string" || key instanceof Uint8Array) return sha256Hex(key, HASH_DIGITS);
  if (typeof key === "number" || typeof key === "bigint") return sha256Hex(String(key), HASH_DIGITS);
  return undefined;
}
