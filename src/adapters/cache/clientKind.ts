/** Tells what kind of cache an object is, by what it can do: none of the libraries is imported. */
import { hasMethod, type Members } from "../../core/patchMethod.js";

/** The kinds that are known. */
export type ClientKind = "ioredis" | "node-redis" | "action-cache" | "store";

/** The kind of an object; undefined if it is no cache. */
export function clientKind(client: unknown): ClientKind | undefined {
  if ((typeof client !== "object" && typeof client !== "function") || client === null) return undefined;
  if (hasMethod(client, "getBuiltinCommands") && hasMethod(client, "sendCommand")) return "ioredis";
  if (hasMethod(client, "GET") && hasMethod(client, "sendCommand")) return "node-redis";
  if (hasMethod(client, "get") && hasMethod(client, "set")) return "store";
  if (hasMethod(client, "fetch") && hasMethod(client, "remove")) return "action-cache";
  return undefined;
}

/** Whether it speaks to a Redis server. */
export function isRedis(kind: ClientKind): boolean {
  return kind === "ioredis" || kind === "node-redis";
}

/** A member that is an object, to look further into. */
export function memberOf(target: unknown, name: string): Members | undefined {
  const value = typeof target === "object" && target !== null ? (target as Members)[name] : undefined;
  return typeof value === "object" && value !== null ? (value as Members) : undefined;
}
