/**
 * `convex-otel/cache`: what a cache does for the requests that use it. Records below the spans of a Convex call or of a
 * registered OpenTelemetry provider; imports no client library and nothing of Node.
 */
export { createCache } from "./createCache.js";
export type { LoadingCache } from "./createCache.js";
export type { CachedOptions, CreateCacheOptions } from "./cacheOptions.js";
export type { CacheCodec } from "./entryStore.js";
export { instrumentCache } from "./instrumentCache.js";
export type { EndpointClass, InstrumentCacheOptions } from "./options.js";
