/** What holds for every Redis client, on any server: test/adapters/cache runs it on a small server, test/e2e on a real one. */
import { context, trace } from "@opentelemetry/api";
import { Redis } from "ioredis";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createCache, instrumentCache } from "../../../src/adapters/cache/index.js";
import { type Diagnostic, withSpan } from "../../../src/index.js";
import { recordSpans, request } from "./harness.js";
import { type Connect, type Driver, ioredis, redis4, redis6 } from "./redisDrivers.js";

const SHOWN = ["db.query.text", "db.operation.batch.size", "cache.hit", "db.response.status_code"];

/** Declares the tests. `port` is asked when they run. */
export function redisTests(port: () => number): void {
  const recorded = recordSpans();

  describe.each<[string, Connect]>([
    ["ioredis", ioredis],
    ["node-redis 6", redis6],
    ["node-redis 4", redis4],
  ])("%s", (_library, connect) => {
    let redis: Driver;
    let plain: Driver;

    beforeAll(async () => {
      redis = await connect(port(), { name: "sessions", class: "detail" });
      plain = await connect(port(), "no");
    });

    beforeEach(async () => {
      for (const key of ["secret:ann", "secret:hash"]) await plain.del(key);
      recorded.reset();
    });

    afterAll(() => {
      redis.close();
      plain.close();
    });

    it("records commands by name, look-ups with what they found, and no key or value", async () => {
      await request("GET /", async () => {
        expect(await redis.get("secret:ann")).toBeNull();
        await redis.set("secret:ann", "secret value");
        expect(await redis.get("secret:ann")).toBe("secret value");
        expect(await redis.mget("secret:ann", "secret:bob")).toEqual(["secret value", null]);
        expect({ ...((await redis.hgetall("secret:hash")) as object) }).toEqual({});
        await redis.hset("secret:hash", "secret", "1");
        expect({ ...((await redis.hgetall("secret:hash")) as object) }).toEqual({ secret: "1" });
        await redis.del("secret:ann");
      });
      expect(recorded.tree(...SHOWN, "cache.hit_count", "cache.lookup_count")).toBe(
        `
GET / [server] {cache.hit=false cache.hit_count=3 cache.lookup_count=6}
├─ GET [client] {db.query.text="GET ?" cache.hit=false}
├─ SET [client] {db.query.text="SET ? ?"}
├─ GET [client] {db.query.text="GET ?" cache.hit=true}
├─ MGET [client] {db.query.text="MGET ? ?" cache.hit=false}
├─ HGETALL [client] {db.query.text="HGETALL ?" cache.hit=false}
├─ HSET [client] {db.query.text="HSET ? ? ?"}
├─ HGETALL [client] {db.query.text="HGETALL ?" cache.hit=true}
└─ DEL [client] {db.query.text="DEL ?"}`.trim(),
      );
      expect(JSON.stringify(recorded.spans)).not.toContain("secret");
      expect(recorded.spans.find(({ name }) => name === "GET")?.attributes).toEqual({
        "db.system.name": "redis",
        "db.namespace": "0",
        "db.operation.name": "GET",
        "db.query.text": "GET ?",
        "server.address": "127.0.0.1",
        "server.port": port(),
        "cache.name": "sessions",
        "cache.key_hash": expect.stringMatching(/^[0-9a-f]{16}$/),
        "cache.endpoint.class": "detail",
        "cache.target_hit_ratio": 0.8,
        "cache.hit": false,
      });
    });

    it("records transactions and pipelines as one span each", async () => {
      await request("GET /", async () => {
        const both = redis.group("transaction").set("secret:ann", "1").get("secret:ann");
        expect(await both.run()).toEqual(["OK", "1"]);
        expect(await redis.group("pipeline").get("secret:ann").get("secret:none").run()).toEqual(["1", null]);
        expect(await redis.group("pipeline").get("secret:ann").run()).toEqual(["1"]);
      });
      expect(recorded.tree(...SHOWN, "cache.hit_count", "cache.lookup_count")).toBe(
        `
GET / [server] {cache.hit=false cache.hit_count=3 cache.lookup_count=4}
├─ MULTI [client] {db.query.text="SET ? ?; GET ?" db.operation.batch.size=2 cache.hit=true}
├─ PIPELINE GET [client] {db.query.text="GET ?" db.operation.batch.size=2 cache.hit=false}
└─ PIPELINE GET [client] {db.query.text="GET ?" cache.hit=true}`.trim(),
      );
    });

    it("names the error of a reply, throws it on unchanged, and quotes nothing", async () => {
      await plain.hset("secret:hash", "a", "1");
      const own = await plain.get("secret:hash").catch((error: unknown) => error);
      await request("GET /", async () => {
        const thrown = await redis.get("secret:hash").catch((error: unknown) => error);
        expect(thrown).toBeInstanceOf(Error);
        expect(String(thrown)).toBe(String(own));
        await expect(redis.raw("NOSUCH", "secret", "it's")).rejects.toThrow("secret");
      });
      expect(recorded.tree("db.query.text", "cache.hit", "db.response.status_code", "error.type")).toBe(
        `
GET / [server] {cache.hit=false}
├─ GET [client] {db.query.text="GET ?" cache.hit=false db.response.status_code=WRONGTYPE error.type=WRONGTYPE}
│    ! error: WRONGTYPE
└─ NOSUCH [client] {db.query.text="NOSUCH ? ?" db.response.status_code=ERR error.type=ERR}
     ! error: ERR`.trim(),
      );
      expect(JSON.stringify(recorded.spans)).not.toMatch(/secret|it's/);
    });

    it("is not recorded where nothing is traced", async () => {
      expect(await redis.get("secret:ann")).toBeNull();
      expect(recorded.spans).toEqual([]);
      trace.disable();
      context.disable();
      expect(await withSpan("asks", () => redis.get("secret:ann"))).toBeNull();
    });

    it("is recorded once, however often it is instrumented", async () => {
      const said: Diagnostic[] = [];
      expect(instrumentCache(redis.client, { diagnostics: (diagnostic) => said.push(diagnostic) })).toBe(redis.client);
      await request("GET /", () => redis.get("secret:ann"));
      expect(said.map(({ code }) => code)).toEqual(["cache.instrumented_twice"]);
      expect(recorded.spans.map(({ name }) => name).toSorted()).toEqual(["GET", "GET /"]);
    });

    it("keeps what `cached` loads, under its command", async () => {
      const { cached, delete: remove } = createCache(redis.client, { name: "answers", ttl: 60 });
      const values = [{ rows: [1, null] }, undefined, null, false, 0, ""];
      for (const value of values) {
        await remove("secret:ann");
        expect(await cached("secret:ann", () => value)).toEqual(value);
        expect(await cached("secret:ann", () => expect.fail("loaded twice"))).toEqual(value);
      }
      await remove("secret:ann");
      recorded.reset();
      for (const _ of [1, 2]) await request("GET /", () => cached("secret:ann", () => 1));
      expect(recorded.tree("cache.name", "cache.hit", "cache.lookup_count")).toBe(
        `
GET / [server] {cache.hit=false cache.lookup_count=1}
├─ cache get answers {cache.name=answers cache.hit=false}
│  └─ GET [client]
├─ cache load answers {cache.name=answers}
└─ cache set answers {cache.name=answers}
   └─ SET [client]

GET / [server] {cache.hit=true cache.lookup_count=1}
└─ cache get answers {cache.name=answers cache.hit=true}
   └─ GET [client]`.trim(),
      );
    });

    it("that is down fails commands with its own error, and `cached` not at all", async () => {
      const own = await connect(1, "no");
      const down = await connect(1);
      const { cached } = createCache(down.client, { diagnostics: () => undefined });
      await request("GET /", async () => {
        const [expected, thrown] = [own, down].map((driver) =>
          driver.get("secret:ann").catch((error: unknown) => error),
        );
        expect(await thrown).toEqual(await expected);
        expect(await cached("secret:ann", () => "loaded")).toBe("loaded");
      });
      const failed = recorded.spans.filter(({ status }) => status.code === 2).map(({ name }) => name);
      expect(failed.toSorted()).toEqual(["GET", "GET", "SET", "cache get redis", "cache set redis"]);
      own.close();
      down.close();
    });
  });

  describe("ioredis", () => {
    const made: Redis[] = [];
    const connected = (options = {}): Redis => {
      const client = new Redis({ host: "127.0.0.1", port: port(), ...options });
      made.push(client);
      return instrumentCache(client);
    };

    afterAll(() => made.forEach((client) => client.disconnect()));

    it("with auto pipelining, each command belongs to who sent it", async () => {
      const client = connected({ enableAutoPipelining: true });
      await Promise.all(["/1", "/2"].map((path) => request(`GET ${path}`, () => client.get("none"))));
      expect(recorded.tree()).toBe("GET /1 [server]\n└─ GET [client]\n\nGET /2 [server]\n└─ GET [client]");
    });

    it("calls callbacks, whose errors leave no promise unhandled", async () => {
      const client = connected();
      await client.hset("hash", "a", "1");
      const unhandled: unknown[] = [];
      const note = (reason: unknown): void => void unhandled.push(reason);
      process.on("unhandledRejection", note);
      const message = await request("GET /", () => {
        return new Promise((done) => void client.get("hash", (error) => done(error?.message)));
      });
      await client
        .pipeline()
        .get("hash")
        .exec(() => undefined);
      await new Promise((done) => setTimeout(done, 5));
      process.off("unhandledRejection", note);
      expect([message, unhandled]).toEqual([expect.stringMatching(/^WRONGTYPE/), []]);
      expect(recorded.tree()).toContain("! error: WRONGTYPE");
    });

    it("keeps the words of a reply out of the spans around it", async () => {
      const client = connected();
      await client.hset("hash", "a", "1");
      await request("GET /", () => expect(withSpan("load", () => client.get("hash"))).rejects.toThrow("WRONGTYPE O"));
      const failed = recorded.spans.find(({ name }) => name === "load");
      expect(failed?.status).toEqual({ code: 2, message: "WRONGTYPE" });
      expect(failed?.events[0]?.attributes["exception.message"]).toBe("WRONGTYPE");
    });

    it("knows the database that is selected, bytes, and names of any case", async () => {
      const client = connected({ db: 3 });
      await request("GET /", async () => {
        await client.getBuffer("none");
        await client.call("get", "none");
        await client.select(5);
        await client.get("none");
      });
      const facts = recorded.spans.filter(({ kind }) => kind === "client");
      expect(facts.map(({ name, attributes }) => [name, attributes["db.namespace"]])).toEqual([
        ["GET", "3"],
        ["GET", "3"],
        ["SELECT", "3"],
        ["GET", "5"],
      ]);
    });

    it("fails a transaction with the error of the command that failed", async () => {
      const client = connected();
      await client.hset("hash", "a", "1");
      const results = await request("GET /", () => client.multi().get("none").get("hash").exec());
      expect(results?.[1]?.[0]?.message).toMatch(/^WRONGTYPE/);
      expect(recorded.tree("db.response.status_code", "cache.hit")).toBe(
        "GET / [server] {cache.hit=false}\n└─ MULTI GET [client] {db.response.status_code=WRONGTYPE cache.hit=false}\n     ! error: WRONGTYPE",
      );
    });

    it("knows nothing yet of look-ups in a transaction that is sent command by command", async () => {
      const client = connected();
      await request("GET /", async () => {
        await client.multi({ pipeline: false });
        expect(await client.get("none")).toBe("QUEUED");
        expect(await client.exec()).toEqual([[null, null]]);
      });
      expect(recorded.tree("cache.hit", "cache.lookup_count")).toBe("GET / [server]\n└─ GET [client]");
    });

    it("returns the promise of the command, not one of ours", async () => {
      const client = connected();
      const sent: Promise<unknown>[] = [];
      const send = client.sendCommand.bind(client);
      client.sendCommand = (command, ...more) => {
        sent.push(command.promise);
        return send(command, ...more);
      };
      await request("GET /", async () => {
        const promise = client.get("none");
        expect(sent[0] === promise).toBe(true);
        await promise;
      });
      expect(recorded.tree()).toBe("GET / [server]\n└─ GET [client]");
    });

    it("leaves the spans to another instrumentation of the class, and counts look-ups", async () => {
      const said: Diagnostic[] = [];
      const client = new Redis({ host: "127.0.0.1", port: port() });
      made.push(client);
      // What shimmer, which OpenTelemetry's instrumentations use, leaves on what it wrapped.
      Object.defineProperty(client, "sendCommand", {
        value: Object.assign(client.sendCommand.bind(client), { __wrapped: true }),
      });
      instrumentCache(client, { diagnostics: (diagnostic) => said.push(diagnostic) });
      await request("GET /", () => client.get("none"));
      expect(said.map(({ code }) => code)).toEqual(["cache.instrumented_twice"]);
      expect(recorded.tree("cache.hit", "cache.lookup_count")).toBe(
        "GET / [server] {cache.hit=false cache.lookup_count=1}",
      );
    });
  });
}
