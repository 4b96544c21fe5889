/** `instrumentCache`: one call for every kind of cache client. */
import { instrumentActionCache } from "./actionCache.js";
import { clientKind, type ClientKind, isRedis } from "./clientKind.js";
import { instrumentIoredis, ioredisNodes, ioredisServer } from "./ioredis.js";
import { instrumentNodeRedis, nodeRedisNodes, nodeRedisServer, ownClient } from "./nodeRedis.js";
import { type CacheProfile, type InstrumentCacheOptions, resolveProfile } from "./options.js";
import { isWrappedByOthers } from "../../core/patchMethod.js";
import { instrumentStore } from "./plainStore.js";
import { protectReplies } from "./redisErrors.js";
import type { RedisClient } from "./redisSpan.js";
import { cacheState } from "./state.js";

/**
 * Instruments a cache client: ioredis, node-redis (from version 4), a store with `get` and `set` (`Map`, lru-cache, Keyv), or
 * an action cache of Convex (`@convex-dev/action-cache`).
 *
 * Commands of Redis become CLIENT spans named by the command, groups of them one span; operations of other stores become
 * spans `cache get {name}`. Look-ups say whether they hit (`cache.hit`), also on the span that asked and on the request it works
 * for. Keys are hashed, values never recorded. Spans are recorded below spans only: where nothing is traced, nothing is done.
 *
 * What a client returns and throws stays the same object, and what is synchronous stays so. The client itself is changed, so
 * whoever else uses it is seen as well. A second call for the same client changes nothing, and says so through `diagnostics`.
 *
 * @returns the client that was given.
 * @throws TypeError if the client is none of these, or an option is wrong.
 * @example
 * ```ts
 * import { instrumentCache } from "convex-otel/cache";
 *
 * const results = instrumentCache(new Map<string, string[]>(), { name: "results", class: "search", targetHitRatio: 0.6 });
 * results.set("shoes", ["boot", "sandal"]);
 * ```
 */
export function instrumentCache<Client extends object>(client: Client, options: InstrumentCacheOptions = {}): Client {
  const kind = clientKind(client);
  if (kind === undefined) {
    throw new TypeError(
      "instrumentCache: the client must be one of ioredis or node-redis, an object with get and set, or an action cache of Convex.",
    );
  }
  const profile = resolveProfile("instrumentCache", options, isRedis(kind) ? "redis" : "cache", client);
  const { instrumented } = cacheState();
  const target = kind === "node-redis" ? ownClient(client) : client;
  if (instrumented.has(target)) {
    profile.report({
      level: "warn",
      code: "cache.instrumented_twice",
      message: `The client of cache "${profile.name}" is instrumented already; the options of the first call hold.`,
    });
    return client;
  }
  instrumented.add(target);
  if (isRedis(kind)) protectReplies();
  if (!instrument(target, kind, profile)) {
    profile.report({
      level: "warn",
      code: "cache.not_changeable",
      message: `The client of cache "${profile.name}" is frozen: its operations are not recorded.`,
    });
  }
  return client;
}

function instrument(client: object, kind: ClientKind, profile: CacheProfile): boolean {
  switch (kind) {
    case "ioredis": {
      const spans = spansOf(profile, () => ioredisNodes(client));
      return instrumentIoredis(client, { profile, server: ioredisServer(client), spans });
    }
    case "node-redis": {
      const spans = spansOf(profile, () => nodeRedisNodes(client));
      return instrumentNodeRedis(client, { profile, server: nodeRedisServer(client), spans });
    }
    case "action-cache":
      return instrumentActionCache(client, profile);
    case "store":
      return instrumentStore(client, profile);
  }
}

/**
 * Instrumentations of OpenTelemetry replace these methods of the class. One set of spans is enough. A cluster shows them by the
 * clients of its nodes, of which it has none until it is connected: it is asked until it has.
 */
function spansOf(profile: CacheProfile, nodes: () => readonly object[]): RedisClient["spans"] {
  let known: "own" | "none" | undefined;
  const find = (): "own" | "none" => {
    const [node] = nodes();
    if (node === undefined) return "own";
    known = isWrappedByOthers(node, ["sendCommand", "multi", "connect"]) ? "none" : "own";
    if (known === "none") {
      profile.report({
        level: "warn",
        code: "cache.instrumented_twice",
        message: `Another instrumentation records the commands of cache "${profile.name}"; only its look-ups are counted here.`,
      });
    }
    return known;
  };
  find();
  return () => known ?? find();
}
