/** The client libraries that are tested, behind the few calls that the tests make. All of them do the same on the server. */
import { type Cluster, Redis } from "ioredis";
import { createClient } from "redis";
import { createClient as createClient4 } from "redis-4";
import { instrumentCache, type InstrumentCacheOptions } from "../../../src/adapters/cache/index.js";

/** A group of commands that is being put together. */
export interface Group {
  get(key: string): Group;
  set(key: string, value: string): Group;
  run(): Promise<unknown>;
}

/** A connected client. */
export interface Driver {
  readonly client: object;
  get(key: string): Promise<unknown>;
  set(key: string, value: string): Promise<unknown>;
  del(key: string): Promise<unknown>;
  mget(...keys: string[]): Promise<unknown>;
  hset(key: string, field: string, value: string): Promise<unknown>;
  hgetall(key: string): Promise<unknown>;
  /** A command that the library has no method for. */
  raw(...words: string[]): Promise<unknown>;
  group(kind: "transaction" | "pipeline"): Group;
  close(): void;
}

/** How a client is made. */
export type Connect = (port: number, instrumented?: InstrumentCacheOptions | "no") => Promise<Driver>;

export const instrument = <Client extends object>(
  client: Client,
  options: InstrumentCacheOptions | "no" = {},
): Client => (options === "no" ? client : instrumentCache(client, options));

export const ioredis: Connect = async (port, options) => {
  const made = new Redis({
    host: "127.0.0.1",
    port,
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  });
  const client = instrument(made, options);
  client.on("error", () => undefined);
  await client.connect().catch(() => undefined);
  return ioredisDriver(client);
};

/** A client of ioredis, or a cluster. */
export function ioredisDriver(client: Redis | Cluster): Driver {
  const group = (kind: "transaction" | "pipeline"): Group => {
    const started = kind === "transaction" ? client.multi() : client.pipeline();
    const own: Group = {
      get: (key) => (started.get(key), own),
      set: (key, value) => (started.set(key, value), own),
      run: async () => ((await started.exec()) ?? []).map(([error, reply]) => error?.message ?? reply),
    };
    return own;
  };
  return {
    client,
    get: (key) => client.get(key),
    set: (key, value) => client.set(key, value),
    del: (key) => client.del(key),
    mget: (...keys) => client.mget(...keys),
    hset: (key, field, value) => client.hset(key, field, value),
    hgetall: (key) => client.hgetall(key),
    raw: (name, ...args) => client.call(name, ...args),
    group,
    close: () => client.disconnect(),
  };
}

/** The part of node-redis that is the same in all versions. */
export interface NodeRedis {
  get(key: string): Promise<unknown>;
  set(key: string, value: string): Promise<unknown>;
  del(key: string): Promise<unknown>;
  mGet(keys: string[]): Promise<unknown>;
  hSet(key: string, field: string, value: string): Promise<unknown>;
  hGetAll(key: string): Promise<unknown>;
  multi(): NodeRedisMulti;
}

interface NodeRedisMulti {
  get(key: string): unknown;
  set(key: string, value: string): unknown;
  exec(): Promise<unknown>;
  execAsPipeline(): Promise<unknown>;
}

/** A client of node-redis; a cluster has another `sendCommand`. */
export function nodeRedis(client: NodeRedis, raw: Driver["raw"], close: () => void): Driver {
  const group = (kind: "transaction" | "pipeline"): Group => {
    const multi = client.multi();
    const own: Group = {
      get: (key) => (multi.get(key), own),
      set: (key, value) => (multi.set(key, value), own),
      run: () => (kind === "transaction" ? multi.exec() : multi.execAsPipeline()),
    };
    return own;
  };
  return {
    client,
    get: (key) => client.get(key),
    set: (key, value) => client.set(key, value),
    del: (key) => client.del(key),
    mget: (...keys) => client.mGet(keys),
    hset: (key, field, value) => client.hSet(key, field, value),
    hgetall: (key) => client.hGetAll(key),
    raw,
    group,
    close,
  };
}

export const redis6: Connect = async (port, options) => {
  const made = createClient({
    socket: { host: "127.0.0.1", port, reconnectStrategy: false },
    disableOfflineQueue: true,
  });
  const client = instrument(made, options);
  client.on("error", () => undefined);
  await client.connect().catch(() => undefined);
  return nodeRedis(
    client,
    (...words) => client.sendCommand(words),
    () => client.isOpen && client.destroy(),
  );
};

export const redis4: Connect = async (port, options) => {
  const made = createClient4({
    socket: { host: "127.0.0.1", port, reconnectStrategy: false },
    disableOfflineQueue: true,
  });
  const client = instrument(made, options);
  client.on("error", () => undefined);
  await client.connect().catch(() => undefined);
  return nodeRedis(
    client,
    (...words) => client.sendCommand(words),
    () => void (client.isOpen && client.disconnect()),
  );
};
