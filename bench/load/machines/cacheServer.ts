/** The Redis of the run, and what it has been asked: it counts exactly, and apart from any tracing. */
import { Redis } from "ioredis";
import { startRedis } from "../../../test/e2e/redisServer.js";

/** What the API asked of Redis. */
export interface CacheCounts {
  readonly lookups: number;
  readonly misses: number;
  readonly stores: number;
}

/** A running Redis. */
export interface CacheServer {
  readonly url: string;
  readonly pid: number;
  /** Forgets all entries and counts. */
  reset(): Promise<void>;
  counts(): Promise<CacheCounts>;
  stop(): Promise<void>;
}

/** @throws Error if Redis does not start */
export async function startCacheServer(binary: string): Promise<CacheServer> {
  const server = await startRedis(binary);
  const client = new Redis({ host: "127.0.0.1", port: server.port });
  return {
    url: `redis://127.0.0.1:${server.port}`,
    pid: server.pid,
    reset: async () => {
      await client.flushall();
      await client.config("RESETSTAT");
    },
    counts: async () => parseCounts(await client.info("all")),
    stop: async () => {
      client.disconnect();
      await server.stop();
    },
  };
}

/** Reads Redis' `INFO all`. A command that was never sent has no line. */
export function parseCounts(info: string): CacheCounts {
  const number = (pattern: RegExp): number => Number(pattern.exec(info)?.[1] ?? 0);
  return {
    lookups: number(/^cmdstat_get:calls=(\d+)/m),
    misses: number(/^keyspace_misses:(\d+)/m),
    stores: number(/^cmdstat_set:calls=(\d+)/m),
  };
}
