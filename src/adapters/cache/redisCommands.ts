/** What the commands of Redis mean for a cache, and how they are written down without their keys and values. */
import type { CacheOperation } from "./cacheSpan.js";
import type { Found } from "./lookups.js";

/** The commands that read, write or remove what a cache holds; others are only commands. */
const OPERATIONS: Readonly<Record<string, CacheOperation>> = {
  GET: "get",
  GETDEL: "get",
  GETEX: "get",
  MGET: "get",
  HGET: "get",
  HMGET: "get",
  HGETALL: "get",
  SET: "set",
  SETEX: "set",
  SETNX: "set",
  PSETEX: "set",
  MSET: "set",
  MSETNX: "set",
  HSET: "set",
  HMSET: "set",
  HSETNX: "set",
  DEL: "delete",
  UNLINK: "delete",
  HDEL: "delete",
  FLUSHDB: "clear",
  FLUSHALL: "clear",
};

/** A command that is about to be sent. */
export interface RedisCommand {
  /** In upper case. */
  readonly name: string;
  /** As far as they are known: of typed methods, what the method was given. */
  readonly args: readonly unknown[];
}

/** What a command does to a cache, if anything. */
export function operationOf({ name }: RedisCommand): CacheOperation | undefined {
  return Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
}

/** The key of a command that has one; of several keys none stands for the call. */
export function keyOf({ name, args }: RedisCommand): unknown {
  const first = args.find((arg) => typeof arg === "string" || arg instanceof Uint8Array || Array.isArray(arg));
  if (Array.isArray(first)) return undefined;
  return ["MGET", "MSET", "MSETNX", "FLUSHDB", "FLUSHALL"].includes(name) ? undefined : first;
}

/** The most placeholders that are written out. */
const MOST_PLACEHOLDERS = 8;

/** The command with a `?` for each argument: keys are data, too. */
export function textOf({ name, args }: RedisCommand): string {
  let count = 0;
  for (const arg of args) count += Array.isArray(arg) ? countOf(arg) : countOf([arg]);
  return `${name}${" ?".repeat(Math.min(count, MOST_PLACEHOLDERS))}${count > MOST_PLACEHOLDERS ? " …" : ""}`;
}

/** Arguments that are sent: a callback is none. */
function countOf(args: readonly unknown[]): number {
  return args.filter((arg) => typeof arg !== "function").length;
}

/** What a reply says of the values that were asked for. Inside of a transaction (`QUEUED`) nothing is known yet. */
export function foundIn(command: RedisCommand, reply: unknown): Found {
  if (operationOf(command) !== "get" || reply === "QUEUED") return { lookups: 0, hits: 0 };
  if (command.name === "HGETALL") return { lookups: 1, hits: isEmpty(reply) ? 0 : 1 };
  if (!Array.isArray(reply)) return { lookups: 1, hits: isAbsent(reply) ? 0 : 1 };
  return { lookups: reply.length, hits: reply.filter((value) => !isAbsent(value)).length };
}

function isAbsent(value: unknown): boolean {
  return value === null || value === undefined;
}

/** No fields: an empty object, or an empty list where the reply was not transformed yet. */
function isEmpty(reply: unknown): boolean {
  if (isAbsent(reply)) return true;
  if (reply instanceof Map) return reply.size === 0;
  return typeof reply === "object" && Object.keys(reply as object).length === 0;
}
