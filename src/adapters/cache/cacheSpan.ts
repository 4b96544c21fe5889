/** The spans of caches, and the attributes that all of them have. */
import { recordError, startSpan, withActiveSpan } from "../../core/api.js";
import { activeContext } from "../../core/context.js";
import { observe } from "../../core/observe.js";
import { recordedSpan } from "../../core/recordedSpan.js";
import type { Attributes, Span } from "../../core/types.js";
import {
  CACHE_ENDPOINT_CLASS,
  CACHE_HIT,
  CACHE_KEY_HASH,
  CACHE_NAME,
  CACHE_OPERATION,
  CACHE_STALE,
  CACHE_TARGET_HIT_RATIO,
  CACHE_TTL,
} from "../../semconv/attributes.js";
import { keyHash } from "./cacheKey.js";
import { type Found, MISS, noteLookup, NOTHING } from "./lookups.js";
import type { CacheProfile, EndpointProfile } from "./options.js";

/** What is done to a cache. */
export type CacheOperation = "get" | "set" | "delete" | "clear";

/** An operation that is about to run. */
export interface CacheCall {
  readonly operation: CacheOperation;
  readonly key?: unknown;
  readonly endpoint?: EndpointProfile;
  /** Of what is set: whole seconds. */
  readonly ttl?: number;
}

/**
 * Attributes of an operation. The class and its target are those of look-ups: they are what a hit ratio is of. Written as one
 * literal: V8 takes microseconds to put an object together from parts.
 */
export function cacheAttributes(
  profile: CacheProfile,
  { operation, key, endpoint = profile, ttl }: CacheCall,
): Attributes {
  const isLookup = operation === "get";
  return {
    [CACHE_NAME]: profile.name,
    [CACHE_OPERATION]: operation,
    [CACHE_KEY_HASH]: keyHash(key),
    [CACHE_ENDPOINT_CLASS]: isLookup ? endpoint.endpointClass : undefined,
    [CACHE_TARGET_HIT_RATIO]: isLookup ? endpoint.targetHitRatio : undefined,
    [CACHE_TTL]: ttl,
  };
}

/** Attributes that say what a look-up found. */
export function foundAttributes({ lookups, hits, isStale = false }: Found): Attributes {
  if (lookups === 0) return {};
  return isStale ? { [CACHE_HIT]: hits === lookups, [CACHE_STALE]: true } : { [CACHE_HIT]: hits === lookups };
}

/** An operation that has a span. What a look-up found is told to the spans around it; one that fails found nothing. */
export class RunningOperation {
  readonly #profile: CacheProfile;
  readonly #call: CacheCall;
  readonly #span: Span;
  readonly #asking: Span;

  /** Starts a span `cache {operation} {name}` below the span that asks. */
  constructor(profile: CacheProfile, call: CacheCall, asking: Span) {
    const attributes = cacheAttributes(profile, call);
    this.#profile = profile;
    this.#call = call;
    this.#span = startSpan(`cache ${call.operation} ${profile.name}`, { attributes });
    this.#asking = asking;
  }

  /** Runs the operation, with its span active. */
  run<T>(operation: () => T): T {
    return this.#profile.startsSpans === "never" ? operation() : withActiveSpan(this.#span, operation);
  }

  /** Ends the span of an operation that succeeded. */
  end(found: Found, attributes?: Attributes): void {
    try {
      if (attributes !== undefined) this.#span.setAttributes(attributes);
      this.#tell(found);
    } catch {
      // A span of somebody else's provider may throw; the program it watches must not see that.
    }
    this.#endSpan();
  }

  /** Ends the span of an operation that failed. */
  fail(thrown: unknown): void {
    try {
      recordError(thrown, this.#span);
      if (this.#call.operation === "get") this.#tell(MISS);
    } catch {
      // The same.
    }
    this.#endSpan();
  }

  #tell(found: Found): void {
    if (found.lookups === 0) return;
    this.#span.setAttribute(CACHE_HIT, found.hits === found.lookups);
    if (found.isStale === true) this.#span.setAttribute(CACHE_STALE, true);
    noteLookup(found, this.#asking, activeContext());
  }

  #endSpan(): void {
    try {
      this.#span.end();
    } catch {
      // The span is lost.
    }
  }
}

/** Starts the span of an operation, below the active span. Undefined without one: then there is nothing to do. */
export function startOperation(profile: CacheProfile, call: CacheCall): RunningOperation | undefined {
  const asking = recordedSpan();
  return asking === undefined ? undefined : new RunningOperation(profile, call, asking);
}

/** Runs an operation in a span of its own, below the active span; without one it just runs. */
export function withCacheSpan<T>(
  profile: CacheProfile,
  call: CacheCall,
  run: () => T,
  look: (value: unknown) => Found,
): T {
  const operation = startOperation(profile, call);
  return operation === undefined ? run() : observeOperation(operation, run, look);
}

/** Runs an operation that has a span, and ends that when it is known what came of it. */
export function observeOperation<T>(operation: RunningOperation, run: () => T, look: (value: unknown) => Found): T {
  return observe(
    () => operation.run(run),
    (outcome) => ("thrown" in outcome ? operation.fail(outcome.thrown) : operation.end(look(outcome.value))),
  );
}

/** For operations that find nothing. */
export function foundNothing(): Found {
  return NOTHING;
}
