/**
 * `createCache`: look a value up, or load it, once for everybody who asks at the same time. A cache is there to help: what goes
 * wrong with it is recorded and never thrown, and the value is loaded as if there were none.
 */
import { type CachedOptions, type CreateCacheOptions, resolveCache } from "./cacheOptions.js";
import { foundNothing, withCacheSpan } from "./cacheSpan.js";
import { clientKind, isRedis } from "./clientKind.js";
import { entryStore } from "./entryStore.js";
import { Flights } from "./flights.js";
import { type Parts, valueOf } from "./loading.js";

/** A cache that loads what it has not. */
export interface LoadingCache {
  /**
   * The cached value of a key, or what `load` returns. `load` runs once at a time for each key in a process: who asks
   * meanwhile waits for it. What it throws is thrown to all of them, the same object, and is not cached.
   *
   * Records a span `cache get {name}` with `cache.hit`, below the active span, and tells that span and the request;
   * `cache load {name}` around `load`, `cache wait {name}` while another caller loads.
   */
  cached<T>(key: string, load: () => T | Promise<T>): Promise<T>;
  cached<T>(key: string, options: CachedOptions, load: () => T | Promise<T>): Promise<T>;
  /** Removes a key. What is being loaded for it is not stored. Rejects with what the store throws. */
  delete(key: string): Promise<void>;
}

/**
 * Makes a cache out of a store: an ioredis or node-redis client, a `Map`, lru-cache, or anything with `get`, `set` and
 * `delete`. The store may be instrumented (`instrumentCache`) or not. In a store of this process values are kept as they are;
 * Redis keeps what JSON keeps of them, and forgets them when nobody has a use for them any more.
 *
 * @throws TypeError if the store is none, or an option is wrong.
 * @example
 * ```ts
 * import { createCache } from "convex-otel/cache";
 *
 * const { cached } = createCache(new Map(), { name: "search", class: "search", ttl: 30, staleWhileRevalidate: 300 });
 * const shoes = await cached("q=shoes", async () => ["boot", "sandal"]);
 * ```
 */
export function createCache(store: object, options: CreateCacheOptions = {}): LoadingCache {
  const kind = clientKind(store);
  const config = resolveCache(options, kind !== undefined && isRedis(kind) ? "redis" : "cache", store);
  const entries = entryStore(store, config.codec);
  if (entries === undefined) {
    throw new TypeError("createCache: the store must be ioredis, node-redis, or an object with get, set and delete.");
  }
  const parts: Parts = { config, store: entries, flights: new Flights(store) };
  return {
    cached<T>(key: string, given: CachedOptions | (() => T | Promise<T>), last?: () => T | Promise<T>) {
      // Not awaited here: a promise more is dear where all of them are watched for what is active.
      return (
        typeof given === "function" ? valueOf(parts, key, given) : valueOf(parts, key, last, given)
      ) as Promise<T>;
    },
    async delete(key) {
      parts.flights.ground(String(key));
      const remove = (): unknown => entries.delete(String(key));
      await withCacheSpan(config.profile, { operation: "delete", key: String(key) }, remove, foundNothing);
    },
  };
}
