/**
 * node-redis, from version 4. A client of version 5 and later sends every command through its `sendCommand`; in version 4, and
 * in clusters and sentinels, the commands are methods that share nothing that could be replaced, so each method is.
 */
import { memberOf } from "./clientKind.js";
import type { Outcome } from "../../core/observe.js";
import { hasMethod, patchMethod, patchRecorded, type RecordedReplacement } from "../../core/patchMethod.js";
import type { RedisCommand } from "./redisCommands.js";
import { type RedisClient, type RedisGroup, type RedisServer, withCommandSpan, withGroupSpan } from "./redisSpan.js";

/** Methods in capitals that are not commands of their own. */
const NOT_COMMANDS = ["DISCONNECT", "MULTI", "QUIT", "SUBSCRIBE", "UNSUBSCRIBE", "PSUBSCRIBE", "PUNSUBSCRIBE"];

/** From version 5, what `createClient` and `withCommandOptions` return only inherits from the client that does the work. */
export function ownClient(client: object): object {
  return memberOf(client, "_self") ?? client;
}

/** Where a node-redis client sends to. */
export function nodeRedisServer(client: object): RedisServer {
  const options = memberOf(client, "options");
  const { host, path, port } = memberOf(options, "socket") ?? {};
  const isSingle = hasMethod(client, "duplicate") && !hasMethod(client, "nodeClient");
  return {
    address: typeof path === "string" ? path : typeof host === "string" ? host : isSingle ? "localhost" : undefined,
    port: typeof port === "number" ? port : undefined,
    database: () => {
      const selected = memberOf(client, "options")?.["database"] ?? (isSingle ? 0 : undefined);
      return typeof selected === "number" ? selected : undefined;
    },
  };
}

/** Instruments a client in place. False if it cannot be changed. */
export function instrumentNodeRedis(target: object, client: RedisClient): boolean {
  const single = hasMethod(target, "_executeCommand");
  const isPatched = single
    ? true
    : commandMethods(target).every((name) => patchRecorded(target, name, byMethod(name, client)));
  patchGroups(target, client);
  return patchRecorded(target, "sendCommand", raw(client)) && isPatched;
}

/** The commands are those methods that have a name in capitals; most have a second name, as in `hGet`. */
function commandMethods(target: object): readonly string[] {
  const names = new Set<string>();
  for (
    let level: unknown = target;
    level !== null && level !== Object.prototype;
    level = Object.getPrototypeOf(level)
  ) {
    for (const name of Object.getOwnPropertyNames(level)) names.add(name);
  }
  return [...names].filter((name) => {
    const capitals = name.toUpperCase();
    return !NOT_COMMANDS.includes(capitals) && names.has(capitals) && hasMethod(target, name);
  });
}

function byMethod(name: string, client: RedisClient): RecordedReplacement {
  const command = name.toUpperCase();
  return (asking, send, args) => withCommandSpan(asking, client, { name: command, args }, send);
}

/** `sendCommand(args)` of a client; a cluster wants to know first where to send them. */
function raw(client: RedisClient): RecordedReplacement {
  return (asking, send, args) => {
    const words = args.find((arg) => Array.isArray(arg)) as readonly unknown[] | undefined;
    return words === undefined ? send() : withCommandSpan(asking, client, commandOf(words), send);
  };
}

/** What `multi()` calls at its end: `exec()` and `execAsPipeline()`. Version 4 has one function for both, and returns what `MULTI` was answered, too. */
function patchGroups(target: object, client: RedisClient): void {
  patchMethod(target, "_executeMulti", (send, [commands]) => runGroup(client, "MULTI", commands, send));
  patchMethod(target, "_executePipeline", (send, [commands]) => runGroup(client, "PIPELINE", commands, send));
  patchMethod(target, "multiExecutor", (send, [commands, , chain]) => {
    if (chain === undefined) return runGroup(client, "PIPELINE", commands, send);
    return runGroup(client, "MULTI", commands, send, (value) =>
      replies(Array.isArray(value) ? value.at(-1) : undefined),
    );
  });
}

function runGroup(
  client: RedisClient,
  prefix: RedisGroup["prefix"],
  queued: unknown,
  send: () => unknown,
  repliesOf: RedisGroup["replies"] = replies,
): unknown {
  const commands = (Array.isArray(queued) ? queued : []).map((entry: unknown) => {
    const args = (entry as { readonly args?: unknown } | undefined)?.args;
    return commandOf(Array.isArray(args) ? (args as readonly unknown[]) : []);
  });
  return withGroupSpan(client, { prefix, commands, replies: repliesOf }, send);
}

/** A reply for each command, of which some may be errors. */
function replies(value: unknown): readonly Outcome[] {
  if (!Array.isArray(value)) return [];
  return value.map((reply: unknown) => (reply instanceof Error ? { thrown: reply } : { value: reply }));
}

function commandOf([name, ...args]: readonly unknown[]): RedisCommand {
  return { name: typeof name === "string" ? name.toUpperCase() : "COMMAND", args };
}
