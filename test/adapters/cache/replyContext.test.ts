/**
 * Replies of Redis arrive on a connection, and what is active there is what was active when it was made: in a process that runs one
 * Convex action after the other, an action that is long over.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { Redis } from "ioredis";
import { createClient } from "redis";
import { afterAll, beforeAll, expect, it } from "vitest";
import { instrumentCache } from "../../../src/adapters/cache/index.js";
import { asyncContextStore, installContextStore } from "../../../src/core/context.js";
import type { Recorder } from "../../../src/core/recorder.js";
import { spanTree } from "../../../src/testing/index.js";
import { newRecorder } from "../../core/support.js";
import { type RespServer, startRespServer } from "./respServer.js";

let server: RespServer;

beforeAll(async () => {
  server = await startRespServer();
});

afterAll(async () => {
  await server.stop();
});

const store = installContextStore(() => asyncContextStore(new AsyncLocalStorage()));

/** Runs something as part of a Convex call. */
async function inCall<T>({ entry }: Recorder, run: () => Promise<T>): Promise<T> {
  return await store.run({ span: entry, call: { hops: 0, rootStartTime: 0, correlationId: undefined, entry } }, run);
}

interface Client {
  get(key: string): Promise<unknown>;
  destroy(): unknown;
}

it.each<[string, () => Promise<Client>]>([
  [
    "ioredis",
    async () => {
      const client = instrumentCache(new Redis({ host: "127.0.0.1", port: server.port, lazyConnect: true }));
      await client.connect();
      return { get: (key) => client.get(key), destroy: () => client.disconnect() };
    },
  ],
  [
    "node-redis",
    async () => {
      const client = instrumentCache(createClient({ socket: { host: "127.0.0.1", port: server.port } }));
      await client.connect();
      return client;
    },
  ],
])("%s tells the call that asked, not the one that connected", async (_library, connect) => {
  const [first, second] = [newRecorder(), newRecorder()];
  const client = await inCall(first, connect);
  await inCall(second, async () => {
    await client.get("none");
    await client.get("none");
  });
  client.destroy();
  expect(spanTree(second.finish(), { attributes: ["cache.hit", "cache.lookup_count"] })).toBe(
    `
entry {cache.hit=false cache.lookup_count=2}
├─ GET [client] {cache.hit=false}
└─ GET [client] {cache.hit=false}`.trim(),
  );
  expect(first.finish().find(({ name }) => name === "entry")?.attributes).toEqual({});
});
