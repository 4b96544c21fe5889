/** Caches on a real Redis: what test/adapters/cache holds on a small server, and what only a real one can do. */
import { Redis } from "ioredis";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClientPool, createCluster, createSentinel } from "redis";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { instrumentCache } from "../../src/adapters/cache/index.js";
import { recordSpans, request } from "../adapters/cache/harness.js";
import { redisTests } from "../adapters/cache/redisSuite.js";
import { type RedisServer, startRedis, startSentinel } from "./redisServer.js";

const binary = inject("redisBinary");

describe.skipIf(binary === "")("on a real Redis", () => {
  let server: RedisServer;

  beforeAll(async () => {
    server = await startRedis(binary);
  });

  afterAll(async () => {
    await server?.stop();
  });

  describe("what holds on a small server, too", () => redisTests(() => server.port));

  describe("what only a real server can do", () => {
    const recorded = recordSpans();

    it("runs scripts that the client defines, in a span that says nothing of them", async () => {
      const client = instrumentCache(new Redis({ host: "127.0.0.1", port: server.port }));
      client.defineCommand("fails", { numberOfKeys: 1, lua: "return redis.error_reply('OWN my secret ' .. KEYS[1])" });
      const own = client as unknown as { fails(key: string): Promise<unknown> };
      await request("GET /", async () => {
        await expect(own.fails("ann")).rejects.toThrow("OWN my secret ann");
        await client.pipeline([["set", "ann", "1"]]).exec();
        await expect(client.incrby("ann", "many")).rejects.toThrow("ERR value is not an integer");
      });
      client.disconnect();
      expect(recorded.tree("db.query.text", "db.response.status_code")).toBe(
        `
GET / [server]
├─ EVALSHA [client] {db.query.text="EVALSHA ?" db.response.status_code=OWN}
│    ! error: OWN
├─ PIPELINE SET [client] {db.query.text="SET ? ?"}
└─ INCRBY [client] {db.query.text="INCRBY ? ?" db.response.status_code=ERR}
     ! error: ERR`.trim(),
      );
      expect(JSON.stringify(recorded.spans)).not.toMatch(/ann|secret|many/);
      const messages = recorded.spans.filter(({ status }) => status.code === 2).map(({ status }) => status.message);
      expect(messages).toEqual([undefined, "ERR value is not an integer or out of range"]);
    });

    it("lets a transaction fail that a watched key undoes", async () => {
      const client = instrumentCache(new Redis({ host: "127.0.0.1", port: server.port }));
      const other = new Redis({ host: "127.0.0.1", port: server.port });
      const result = await request("GET /", async () => {
        await client.watch("ann");
        await other.set("ann", "2");
        return await client.multi().get("ann").exec();
      });
      expect(result).toBeNull();
      expect(recorded.tree("cache.hit")).toBe("GET / [server]\n├─ WATCH [client]\n└─ MULTI GET [client]");
      client.disconnect();
      other.disconnect();
    });

    it("records what goes through sentinels, and through a pool", async () => {
      const folder = mkdtempSync(join(tmpdir(), "redis-sentinel-"));
      const sentinel = await startSentinel(binary, server.port, folder);
      const found = { host: "127.0.0.1", port: sentinel.port };
      const io = instrumentCache(new Redis({ sentinels: [found], name: "mymaster" }));
      const node = instrumentCache(createSentinel({ name: "mymaster", sentinelRootNodes: [found] }));
      const pool = instrumentCache(createClientPool({ socket: { host: "127.0.0.1", port: server.port } }));
      for (const client of [node, pool]) client.on("error", () => undefined);
      await Promise.all([node.connect(), pool.connect(), io.ping()]);
      await request("GET /", async () => {
        expect(await io.get("none")).toBeNull();
        for (const client of [node, pool]) {
          expect(await client.get("none")).toBeNull();
          expect(await client.multi().set("some", "1").get("some").exec()).toEqual(["OK", "1"]);
          expect(await client.multi().get("some").execAsPipeline()).toEqual(["1"]);
        }
        expect(await node.sendCommand(true, ["STRLEN", "some"])).toBe(1);
        expect(await pool.sendCommand(["STRLEN", "some"])).toBe(1);
      });
      const [first] = recorded.spans.filter(({ name }) => name === "GET");
      expect(first?.attributes["server.address"]).toBe(`127.0.0.1:${sentinel.port}/mymaster`);
      const twice = `
├─ GET [client] {cache.hit=false}
├─ MULTI [client] {cache.hit=true}
├─ PIPELINE GET [client] {cache.hit=true}`.repeat(2);
      expect(recorded.tree("cache.hit")).toBe(
        `GET / [server] {cache.hit=false}\n├─ GET [client] {cache.hit=false}${twice}
├─ STRLEN [client]\n└─ STRLEN [client]`,
      );
      io.disconnect();
      await node.destroy();
      pool.destroy();
      await sentinel.stop();
      rmSync(folder, { recursive: true, force: true });
    });

    it("a cluster's commands are recorded, too, also as it fails", async () => {
      const rootNodes = [{ socket: { host: "127.0.0.1", port: server.port, reconnectStrategy: false as const } }];
      const cluster = instrumentCache(createCluster({ rootNodes, defaults: { disableOfflineQueue: true } }));
      cluster.on("error", () => undefined);
      // A server that is no cluster says so.
      await cluster.connect().catch(() => undefined);
      await request("GET /", () => cluster.get("ann").catch(() => undefined));
      expect(recorded.tree()).toMatch(/^GET \/ \[server\]\n└─ GET \[client\]\n {5}! error: /);
      cluster.destroy();
    });
  });
});
