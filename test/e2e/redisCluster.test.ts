/** Clusters, on three real nodes: whatever a client does to reach the right one, its user sees one span for each command. */
import { Cluster } from "ioredis";
import { createCluster } from "redis";
import { createCluster as createCluster4 } from "redis-4";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, it } from "vitest";
import { createCache, instrumentCache, type InstrumentCacheOptions } from "../../src/adapters/cache/index.js";
import type { Diagnostic } from "../../src/index.js";
import { officialIoredis } from "../../bench/drivers/officialDriver.js";
import { recordSpans, request } from "../adapters/cache/harness.js";
import { type Driver, instrument, ioredisDriver, nodeRedis } from "../adapters/cache/redisDrivers.js";
import { type RedisCluster, startRedisCluster } from "./redisCluster.js";

const binary = inject("redisBinary");

type Connect = (ports: readonly number[], options?: InstrumentCacheOptions | "no") => Promise<Driver>;

const ioredis: Connect = async (ports, options) => {
  const nodes = ports.map((port) => ({ host: "127.0.0.1", port }));
  // It would go on for seconds where a slot is nobody's.
  const retries = { maxRedirections: 3, retryDelayOnClusterDown: 5, retryDelayOnFailover: 5 };
  const redisOptions = { maxRetriesPerRequest: 0, retryStrategy: () => null };
  const client = instrument(new Cluster(nodes, { lazyConnect: true, ...retries, redisOptions }), options);
  client.on("error", () => undefined);
  await client.connect();
  return ioredisDriver(client);
};

const rootsOf = (ports: readonly number[]) =>
  ports.map((port) => ({ socket: { host: "127.0.0.1", port, reconnectStrategy: false as const } }));
const defaults = { socket: { reconnectStrategy: false as const }, disableOfflineQueue: true };

const redis6: Connect = async (ports, options) => {
  const client = instrument(createCluster({ rootNodes: rootsOf(ports), defaults }), options);
  client.on("error", () => undefined);
  await client.connect();
  return nodeRedis(
    client,
    (...words) => client.sendCommand(words[1], false, words),
    () => client.destroy(),
  );
};

const redis4: Connect = async (ports, options) => {
  const client = instrument(createCluster4({ rootNodes: rootsOf(ports), defaults }), options);
  client.on("error", () => undefined);
  await client.connect();
  return nodeRedis(
    client,
    (...words) => client.sendCommand(words[1], false, words),
    () => void client.disconnect().catch(() => undefined),
  );
};

const LIBRARIES: readonly [string, Connect][] = [
  ["ioredis", ioredis],
  ["node-redis 6", redis6],
  ["node-redis 4", redis4],
];

/** A key of the slot that no node has. */
const NOBODYS = "secret:7858";

/** Version 4 of node-redis keeps to itself where it sends what. */
const tellsNodes = (library: string): boolean => library !== "node-redis 4";

describe.skipIf(binary === "")("on a real Redis Cluster", () => {
  const recorded = recordSpans();
  let cluster: RedisCluster;
  /** A key of each node. */
  let keys: readonly string[];

  beforeAll(async () => {
    cluster = await startRedisCluster(binary);
    keys = await Promise.all([0, 1, 2].map(keyOn));
  }, 60_000);

  afterAll(async () => {
    await cluster?.stop();
  });

  async function slotOf(key: string): Promise<number> {
    return Number(await cluster.node(0).call("CLUSTER", "KEYSLOT", key));
  }

  async function keyOn(node: number): Promise<string> {
    for (let i = 0; ; i++) if (Math.floor((await slotOf(`secret:${i}`)) / 5461.34) === node) return `secret:${i}`;
  }

  /** Nodes that spans name, by number. */
  function nodesOf(name: string): unknown[] {
    const spans = recorded.spans.filter((span) => span.name === name);
    return spans.map(({ attributes }) => cluster.ports.indexOf(Number(attributes["network.peer.port"])));
  }

  describe.each(LIBRARIES)("%s", (library, connect) => {
    let redis: Driver;
    let plain: Driver;

    beforeEach(async () => {
      redis = await connect(cluster.ports, { name: "sessions", class: "detail" });
      plain = await connect(cluster.ports, "no");
      for (const key of [...keys, "{a}1", "{a}2"]) await plain.del(key);
    });

    afterEach(() => {
      redis.close();
      plain.close();
    });

    it("records a command of each node once, with what it found, and where it went", async () => {
      await request("GET /", async () => {
        for (const key of keys) {
          expect(await redis.get(key)).toBeNull();
          await redis.set(key, "secret value");
          expect(await redis.get(key)).toBe("secret value");
        }
        expect(await redis.raw("STRLEN", keys[0] ?? "")).toBe(12);
      });
      const node = `
├─ GET [client] {db.query.text="GET ?" cache.hit=false}
├─ SET [client] {db.query.text="SET ? ?"}
├─ GET [client] {db.query.text="GET ?" cache.hit=true}`;
      expect(recorded.tree("db.query.text", "cache.hit")).toBe(
        `GET / [server] {cache.hit=false}${node}${node}${node}\n└─ STRLEN [client] {db.query.text="STRLEN ?"}`,
      );
      expect(JSON.stringify(recorded.spans)).not.toContain("secret");
      if (tellsNodes(library)) expect([...nodesOf("GET"), ...nodesOf("STRLEN")]).toEqual([0, 0, 1, 1, 2, 2, 0]);
      const seeds = cluster.ports.map((port) => `127.0.0.1:${port}`).sort();
      expect(recorded.spans.find(({ name }) => name === "SET")?.attributes).toEqual({
        "db.system.name": "redis",
        "db.operation.name": "SET",
        "db.query.text": "SET ? ?",
        "cache.name": "sessions",
        "cache.key_hash": expect.stringMatching(/^[0-9a-f]{16}$/),
        ...(tellsNodes(library)
          ? {
              "server.address": seeds.join(","),
              "network.peer.address": "127.0.0.1",
              "network.peer.port": cluster.ports[0],
            }
          : {}),
      });
    });

    it("records what is redirected once", async () => {
      const [key = ""] = keys;
      const slot = await slotOf(key);
      await redis.get(key);
      await request("GET /", async () => {
        await cluster.startMoving(slot, 0, 1);
        // The key is gone from its node: that one says `ASK`.
        expect(await redis.get(key)).toBeNull();
        await cluster.endMoving(slot, 0, 1);
        // And that it has `MOVED`.
        expect(await redis.set(key, "1")).toBe("OK");
        expect(await redis.get(key)).toBe("1");
      });
      await plain.del(key);
      await cluster.startMoving(slot, 1, 0);
      await cluster.endMoving(slot, 1, 0);
      expect(recorded.tree("cache.hit", "db.response.status_code", "error.type")).toBe(
        `
GET / [server] {cache.hit=false}
├─ GET [client] {cache.hit=false}
├─ SET [client]
└─ GET [client] {cache.hit=true}`.trim(),
      );
      if (tellsNodes(library)) expect([...nodesOf("GET"), ...nodesOf("SET")]).toEqual([1, 1, 1]);
    });

    it("records groups of one slot as one span", async () => {
      await request("GET /", async () => {
        expect(await redis.group("transaction").set("{a}1", "1").get("{a}1").run()).toEqual(["OK", "1"]);
        expect(await redis.group("pipeline").get("{a}1").get("{a}2").run()).toEqual(["1", null]);
        expect(await redis.mget("{a}1", "{a}2")).toEqual(["1", null]);
      });
      expect(recorded.tree("db.query.text", "db.operation.batch.size", "cache.hit")).toBe(
        `
GET / [server] {cache.hit=false}
├─ MULTI [client] {db.query.text="SET ? ?; GET ?" db.operation.batch.size=2 cache.hit=true}
├─ PIPELINE GET [client] {db.query.text="GET ?" db.operation.batch.size=2 cache.hit=false}
└─ MGET [client] {db.query.text="MGET ? ?" cache.hit=false}`.trim(),
      );
    });

    it("names the error of one command of a transaction", async () => {
      await plain.hset("{a}1", "a", "1");
      await request("GET /", () => {
        return redis
          .group("transaction")
          .get("{a}2")
          .get("{a}1")
          .run()
          .catch(() => undefined);
      });
      expect(recorded.tree("cache.hit", "db.response.status_code")).toBe(
        `
GET / [server] {cache.hit=false}
└─ MULTI GET [client] {cache.hit=false db.response.status_code=WRONGTYPE}
     ! error: WRONGTYPE`.trim(),
      );
    });

    it("asks for keys of several nodes as the library does, or fails as it does", async () => {
      await plain.set(keys[0] ?? "", "1");
      const own = await plain.mget(...keys).catch((error: unknown) => error);
      const seen = await request("GET /", () => redis.mget(...keys).catch((error: unknown) => error));
      expect(String(seen)).toBe(String(own));
      expect(recorded.tree("cache.hit", "db.response.status_code")).toBe(
        library === "node-redis 6"
          ? "GET / [server] {cache.hit=false}\n└─ MGET [client] {cache.hit=false}"
          : `
GET / [server] {cache.hit=false}
└─ MGET [client] {cache.hit=false db.response.status_code=CROSSSLOT}
     ! error: CROSSSLOT`.trim(),
      );
    });

    it("throws the error of a slot that is nobody's", async () => {
      const own = await plain.get(NOBODYS).catch((error: unknown) => error);
      const seen = await request("GET /", () => redis.get(NOBODYS).catch((error: unknown) => error));
      expect(seen).toBeInstanceOf(Error);
      expect(String(seen)).toBe(String(own));
      // node-redis does not even ask.
      expect(recorded.tree("db.response.status_code", "error.type")).toBe(
        library === "ioredis"
          ? `
GET / [server]
└─ GET [client] {db.response.status_code=CLUSTERDOWN error.type=CLUSTERDOWN}
     ! error: CLUSTERDOWN`.trim()
          : "GET / [server]\n└─ GET [client] {error.type=TypeError}\n     ! error: TypeError",
      );
    });

    it("keeps what `cached` loads", async () => {
      const { cached } = createCache(redis.client, { name: "answers" });
      for (const _ of [1, 2]) await request("GET /", () => cached(keys[1] ?? "", () => ({ rows: [1] })));
      expect(recorded.tree("cache.hit", "cache.lookup_count")).toBe(
        `
GET / [server] {cache.hit=false cache.lookup_count=1}
├─ cache get answers {cache.hit=false}
│  └─ GET [client]
├─ cache load answers
└─ cache set answers
   └─ SET [client]

GET / [server] {cache.hit=true cache.lookup_count=1}
└─ cache get answers {cache.hit=true}
   └─ GET [client]`.trim(),
      );
    });

    it("is recorded once, however often it is instrumented", async () => {
      const said: Diagnostic[] = [];
      instrumentCache(redis.client, { diagnostics: (diagnostic) => said.push(diagnostic) });
      await request("GET /", () => redis.get(keys[1] ?? ""));
      expect(said.map(({ code }) => code)).toEqual(["cache.instrumented_twice"]);
      expect(recorded.tree()).toBe("GET / [server]\n└─ GET [client]");
    });
  });

  it("leaves the spans to OpenTelemetry's instrumentation of the nodes, and counts look-ups", async () => {
    const said: Diagnostic[] = [];
    const made = new (officialIoredis().Redis.Cluster)(cluster.ports.map((port) => ({ host: "127.0.0.1", port })));
    const client = instrumentCache(made, { diagnostics: (diagnostic) => said.push(diagnostic) });
    await client.get(keys[0] ?? "");
    await request("GET /", () => client.get(keys[0] ?? ""));
    client.disconnect();
    expect(recorded.tree("cache.hit", "cache.lookup_count")).toBe(
      "GET / [server] {cache.hit=false cache.lookup_count=1}\n└─ get [client]",
    );
    expect(said.map(({ code }) => code)).toEqual(["cache.instrumented_twice"]);
  });

  // The last ones: the node stays away.
  describe("that lost a node", () => {
    const clients = new Map<string, readonly [redis: Driver, plain: Driver]>();

    beforeAll(async () => {
      for (const [library, connect] of LIBRARIES) {
        clients.set(library, [await connect(cluster.ports, {}), await connect(cluster.ports, "no")]);
      }
      await cluster.stopNode(2);
    });

    afterAll(() => {
      for (const client of [...clients.values()].flat()) client.close();
    });

    it.each(LIBRARIES)("%s fails with its own error, and `cached` not at all", async (library) => {
      const [redis, plain] = clients.get(library) ?? expect.fail("not connected");
      const [alive = "", , lost = ""] = keys;
      const own = await plain.get(lost).catch((error: unknown) => error);
      await request("GET /", async () => {
        const seen = await redis.get(lost).catch((error: unknown) => error);
        expect(seen).toBeInstanceOf(Error);
        expect((seen as Error).constructor).toBe((own as Error).constructor);
        expect(await redis.get(alive)).toBeNull();
        const { cached } = createCache(redis.client, { diagnostics: () => undefined });
        expect(await cached(lost, () => "loaded")).toBe("loaded");
      });
      expect(recorded.tree("cache.hit")).toMatch(
        new RegExp(
          `^GET / \\[server\\] {cache.hit=false}
├─ GET \\[client\\] {cache.hit=false}
│    ! error: \\S+
├─ GET \\[client\\] {cache.hit=false}
├─ cache get redis {cache.hit=false}
│  │ ! error: \\S+
│  └─ GET \\[client\\]
│       ! error: \\S+
├─ cache load redis
└─ cache set redis
   │ ! error: \\S+
   └─ SET \\[client\\]
        ! error: \\S+$`,
        ),
      );
    });
  });
});
