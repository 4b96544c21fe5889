/** Options of `createCache` and `cached`. */
import { optionError } from "../../core/adapterOptions.js";
import type { Clock } from "../../core/ports.js";
import type { Lifetime } from "./entry.js";
import { type CacheCodec, jsonCodec } from "./entryStore.js";
import {
  type CacheProfile,
  type EndpointClass,
  endpointProfile,
  type EndpointProfile,
  type InstrumentCacheOptions,
  resolveProfile,
} from "./options.js";

/** Options of one `cached` call; what is not given is that of the cache. */
export interface CachedOptions {
  /** The endpoint that asks: `cache.endpoint.class`. */
  readonly class?: EndpointClass | undefined;
  /** See {@link InstrumentCacheOptions.targetHitRatio}. */
  readonly targetHitRatio?: number | undefined;
  /** Seconds that a loaded value counts as fresh; fractions are allowed. 0 stores nothing. @defaultValue 60 */
  readonly ttl?: number | undefined;
  /** Seconds after that in which it is still returned, while it is loaded anew in the background. @defaultValue 0 */
  readonly staleWhileRevalidate?: number | undefined;
  /** Seconds after `ttl` in which it is returned if loading it anew fails. @defaultValue 0: the failure is thrown */
  readonly staleIfError?: number | undefined;
}

/** Options of `createCache`: those of its calls, and what the cache works with. */
export interface CreateCacheOptions extends InstrumentCacheOptions, CachedOptions {
  /** How values become text in Redis and back. @defaultValue JSON: what that drops of a value is lost */
  readonly codec?: CacheCodec | undefined;
  /**
   * Keeps the runtime awake for loads in the background, where it stops when a request has been answered: `ctx.waitUntil` of
   * workers, `after` of Next.js; in a Convex action, await what it is given before you return.
   *
   * @defaultValue none is needed on a server
   */
  readonly waitUntil?: ((work: Promise<void>) => void) | undefined;
  /** Tells ages. @defaultValue `Date.now()` */
  readonly clock?: Clock | undefined;
}

/** Options as `createCache` uses them. */
export interface CacheConfig {
  readonly profile: CacheProfile;
  readonly codec: CacheCodec;
  readonly waitUntil: (work: Promise<void>) => void;
  readonly now: () => number;
  /** What a call wants that has no options of its own. */
  readonly call: CallConfig;
}

/** What one call wants. */
export interface CallConfig {
  readonly endpoint: EndpointProfile;
  readonly lifetime: Lifetime;
}

const WHERE = "createCache";
const DEFAULT_TTL = 60;
const SECONDS = ["ttl", "staleWhileRevalidate", "staleIfError"] as const;

/** Checks options and fills in the defaults. Throws a TypeError. */
export function resolveCache(options: CreateCacheOptions, defaultName: string, store: object): CacheConfig {
  const profile = resolveProfile(WHERE, options, defaultName, store);
  for (const name of SECONDS) {
    const given = options[name];
    if (given !== undefined && !isSeconds(given))
      throw optionError(WHERE, name, given, "seconds, a number not below 0");
  }
  const { codec = jsonCodec, waitUntil, clock } = options;
  return {
    profile,
    codec,
    waitUntil: waitUntil ?? (() => undefined),
    now: clock === undefined ? () => Date.now() : () => clock.now(),
    call: {
      endpoint: profile,
      lifetime: lifetimeOf(options, { ttl: DEFAULT_TTL, staleWhileRevalidate: 0, staleIfError: 0 }),
    },
  };
}

/** What a call wants. A number that makes no sense is as if it were not given: a request must not fail for it. */
export function resolveCall(options: CachedOptions, { profile, call }: CacheConfig): CallConfig {
  const isOwn = options.class !== undefined || options.targetHitRatio !== undefined;
  const wrong = SECONDS.find((name) => options[name] !== undefined && !isSeconds(options[name]));
  if (wrong !== undefined) {
    const message = `cached() of cache "${profile.name}" was given a wrong ${wrong}; the cache's own is used.`;
    profile.report({ level: "warn", code: "cache.option_invalid", message });
  }
  return {
    endpoint: isOwn ? endpointProfile(options.class ?? profile.endpointClass, options.targetHitRatio) : profile,
    lifetime: lifetimeOf(options, call.lifetime),
  };
}

function lifetimeOf(options: CachedOptions, defaults: Lifetime): Lifetime {
  const pick = (name: (typeof SECONDS)[number]): number => {
    const given = options[name];
    return isSeconds(given) ? given : defaults[name];
  };
  return {
    ttl: pick("ttl"),
    staleWhileRevalidate: pick("staleWhileRevalidate"),
    staleIfError: pick("staleIfError"),
  };
}

function isSeconds(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && Number.isFinite(value);
}
