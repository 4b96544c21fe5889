/** Which server spans of Redis name, by what clients were configured with. No server runs. */
import fc from "fast-check";
import { Cluster, Redis, type RedisOptions } from "ioredis";
import { createClient, createCluster, createSentinel } from "redis";
import { createCluster as createCluster4 } from "redis-4";
import { describe, expect, it } from "vitest";
import { clusterAddress, sentinelAddress, type ServerAddress } from "../../../src/adapters/cache/endpoints.js";
import { ioredisServer } from "../../../src/adapters/cache/ioredis.js";
import { nodeRedisServer, ownClient } from "../../../src/adapters/cache/nodeRedis.js";

const at = (options: Pick<RedisOptions, "host" | "port" | "path" | "sentinels" | "name">): object => {
  return new Redis({ lazyConnect: true, ...options });
};
const clusterOf = (...nodes: ConstructorParameters<typeof Cluster>[0]): object => {
  return new Cluster(nodes, { lazyConnect: true });
};
const a = { host: "a", port: 7000 };
const b = { host: "b", port: 7000 };

describe("ioredis", () => {
  it.each<[string, object, ServerAddress]>([
    ["a host", at({ host: "cache.internal" }), { address: "cache.internal" }],
    ["a port of its own", at(a), { address: "a", port: 7000 }],
    ["a socket", at({ path: "/run/redis.sock" }), { address: "/run/redis.sock" }],
    ["nodes on a port of their own", clusterOf(b, a), { address: "a,b", port: 7000 }],
    ["nodes on the usual port", clusterOf({ host: "a" }, { host: "b", port: 6379 }), { address: "a,b" }],
    ["nodes on different ports", clusterOf(a, { host: "::1", port: 7001 }), { address: "[::1]:7001,a:7000" }],
    ["nodes as URLs", clusterOf("redis://ann:secret@a:7000", "b:7000"), { address: "a,b", port: 7000 }],
    ["ports of this machine", clusterOf(7000, "7001"), { address: "127.0.0.1:7000,127.0.0.1:7001" }],
    [
      "sentinels",
      at({ sentinels: [{ host: "b" }, { host: "a", port: 26380 }], name: "mymaster" }),
      { address: "a:26380,b:26379/mymaster" },
    ],
  ])("%s", (_, client, expected) => {
    const { address, port } = ioredisServer(client);
    expect({ address, port }).toEqual({ address: expected.address, port: expected.port });
  });
});

describe("node-redis", () => {
  const rootNodes = [{ url: "redis://ann:secret@b:7000" }, { socket: a }];
  const sentinel = createSentinel({ name: "mymaster", sentinelRootNodes: [{ host: "a", port: 26379 }] });

  it.each<[string, object, ServerAddress]>([
    ["nothing", createClient(), { address: "localhost" }],
    ["a URL", createClient({ url: "redis://ann:secret@a:7000" }), { address: "a", port: 7000 }],
    ["a socket", createClient({ socket: { path: "/run/redis.sock", tls: false } }), { address: "/run/redis.sock" }],
    ["nodes", createCluster({ rootNodes }), { address: "a,b", port: 7000 }],
    ["nodes, which version 4 keeps to itself", createCluster4({ rootNodes }), {}],
    ["sentinels, which every version keeps to itself", sentinel, {}],
  ])("%s", (_, client, expected) => {
    const { address, port } = nodeRedisServer(ownClient(client));
    expect({ address, port }).toEqual({ address: expected.address, port: expected.port });
  });
});

it("half a list is none", () => {
  expect(clusterAddress([a, { host: 7 }])).toEqual({});
  expect(clusterAddress([{ socket: { path: "/run/redis.sock" } }])).toEqual({});
  expect(clusterAddress([])).toEqual({});
  expect(sentinelAddress([{}], "mymaster")).toEqual({});
});

it("never throws, and never tells a password", () => {
  const text = fc.oneof(fc.string(), fc.constantFrom("redis://", "rediss://u:secret@", ":secret@", "[::1", "h:99999"));
  const node = fc.oneof(
    fc.anything(),
    fc.tuple(text, text).map(([first, second]) => `${first}${second}`),
    fc.record({ host: text, port: fc.oneof(fc.integer(), text), password: fc.constant("secret") }),
    fc.record({ url: text }),
  );
  fc.assert(
    fc.property(fc.array(node), fc.anything(), (nodes, name) => {
      const told = [clusterAddress(nodes), sentinelAddress(nodes, name)];
      const hosts = JSON.stringify(nodes.map((each) => (each as { host?: unknown } | undefined)?.host));
      if (!hosts.includes("secret")) expect(JSON.stringify(told)).not.toContain("secret");
    }),
  );
});
