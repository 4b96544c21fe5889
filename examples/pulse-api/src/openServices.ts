/** Opens what the API stands on: a Postgres server and Redis where their addresses are given, otherwise both in this process. */
import { createCache } from "convex-otel/cache";
import { Redis } from "ioredis";
import { LRUCache } from "lru-cache";
import type { Database } from "./database/database.js";
import { openEmbedded } from "./database/embedded.js";
import { openServer } from "./database/server.js";
import type { Caches, Services } from "./endpoints/endpoint.js";
import type { Tracing } from "./tracing.js";

/** Where things are. */
export interface Addresses {
  /** `postgres://…`: a server. @defaultValue Postgres in this process, in memory */
  readonly databaseUrl: string | undefined;
  /** `redis://…`: a server. @defaultValue a cache in this process */
  readonly redisUrl: string | undefined;
}

/** Services that can be closed. */
export interface OpenServices extends Services {
  readonly close: () => Promise<void>;
}

/** Entries of each cache in this process. */
const CACHE_SIZE = 10_000;

export async function openServices({ databaseUrl, redisUrl }: Addresses, tracing: Tracing): Promise<OpenServices> {
  const database = await openDatabase(databaseUrl, tracing);
  const redis = redisUrl === undefined ? undefined : new Redis(redisUrl);
  // A Redis that is down is no reason to fail: values are loaded as if there were none.
  redis?.on("error", () => undefined);
  return {
    database,
    caches: openCaches(() => redis ?? new LRUCache<string, object>({ max: CACHE_SIZE })),
    close: async () => {
      redis?.disconnect();
      await database.close();
    },
  };
}

async function openDatabase(url: string | undefined, tracing: Tracing): Promise<Database> {
  return url === undefined ? await openEmbedded(tracing.embedded) : openServer(url, tracing.pool);
}

/** Seconds for which a value is good, and for which it is still shown while it is loaded anew. */
function openCaches(store: () => object): Caches {
  return {
    search: createCache(store(), { name: "search", class: "search", ttl: 30, staleWhileRevalidate: 300 }),
    detail: createCache(store(), { name: "detail", class: "detail", ttl: 120 }),
    aggregate: createCache(store(), { name: "aggregate", class: "aggregate", ttl: 300, staleWhileRevalidate: 600 }),
  };
}
