/** What the commands of Redis mean for a cache, and how they are written down without their keys and values. */
import type { CacheOperation } from "./cacheSpan.js";
import { type Found, HIT, MISS, NOTHING } from "./lookups.js";

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

/** Of several keys none stands for the call. */
const WITHOUT_ONE_KEY = ["MGET", "MSET", "MSETNX", "FLUSHDB", "FLUSHALL"];

/** A command that is about to be sent. */
export interface RedisCommand {
  readonly kind: CommandKind;
  /** As far as they are known: of typed methods, what the method was given. */
  readonly args: readonly unknown[];
}

/** What the name of a command says about it. Found out once: a client sends few kinds of commands, many times. */
export interface CommandKind {
  /** In upper case. */
  readonly name: string;
  /** What it does to a cache, if anything. */
  readonly operation: CacheOperation | undefined;
  readonly hasOneKey: boolean;
  /** How it is written down, by the number of its arguments, as far as that was needed. */
  readonly texts: (string | undefined)[];
}

/** The kind of a command, by its name in any case. */
export function commandKind(name: unknown): CommandKind {
  const capitals = typeof name === "string" ? name.toUpperCase() : "COMMAND";
  return {
    name: capitals,
    operation: Object.hasOwn(OPERATIONS, capitals) ? OPERATIONS[capitals] : undefined,
    hasOneKey: !WITHOUT_ONE_KEY.includes(capitals),
    texts: [],
  };
}

/** A command as a list of words, the first of which is its name. */
export function commandOf([name, ...args]: readonly unknown[]): RedisCommand {
  return { kind: commandKind(name), args };
}

/** The key of a command that has one. */
export function keyOf({ kind, args }: RedisCommand): unknown {
  if (!kind.hasOneKey) return undefined;
  for (const arg of args) {
    if (typeof arg === "string" || arg instanceof Uint8Array) return arg;
    if (Array.isArray(arg)) return undefined;
  }
  return undefined;
}

/** The most placeholders that are written out. */
const MOST_PLACEHOLDERS = 8;

/** The command with a `?` for each argument: keys are data, too. */
export function textOf({ kind, args }: RedisCommand): string {
  let count = 0;
  for (const arg of args) count += Array.isArray(arg) ? countOf(arg) : typeof arg === "function" ? 0 : 1;
  return (kind.texts[Math.min(count, MOST_PLACEHOLDERS + 1)] ??= textWith(kind.name, count));
}

function textWith(name: string, count: number): string {
  return `${name}${" ?".repeat(Math.min(count, MOST_PLACEHOLDERS))}${count > MOST_PLACEHOLDERS ? " …" : ""}`;
}

/** Arguments that are sent: a callback is none. */
function countOf(args: readonly unknown[]): number {
  return args.filter((arg) => typeof arg !== "function").length;
}

/** What a reply says of the values that were asked for. Inside of a transaction (`QUEUED`) nothing is known yet. */
export function foundIn({ kind }: RedisCommand, reply: unknown): Found {
  if (kind.operation !== "get" || isQueued(reply)) return NOTHING;
  if (kind.name === "HGETALL") return isEmpty(reply) ? MISS : HIT;
  if (!Array.isArray(reply)) return isAbsent(reply) ? MISS : HIT;
  return { lookups: reply.length, hits: reply.filter((value) => !isAbsent(value)).length };
}

/** As text, or as the bytes that a client has not made into text yet. */
function isQueued(reply: unknown): boolean {
  if (reply instanceof Uint8Array) return reply.length === QUEUED.length && String.fromCharCode(...reply) === QUEUED;
  return reply === QUEUED;
}

const QUEUED = "QUEUED";

function isAbsent(value: unknown): boolean {
  return value === null || value === undefined;
}

/** No fields: an empty object, or an empty list where the reply was not transformed yet. */
function isEmpty(reply: unknown): boolean {
  if (isAbsent(reply)) return true;
  if (reply instanceof Map) return reply.size === 0;
  return typeof reply === "object" && Object.keys(reply as object).length === 0;
}
