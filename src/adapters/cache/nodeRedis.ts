/**
 * node-redis, from version 4. A client of version 5 and later sends every command through its `sendCommand`; in version 4, and
 * in clusters, sentinels and pools, the commands are methods that share nothing that could be replaced, so each method is.
 */
import { memberOf } from "./clientKind.js";
import { clusterAddress, singleAddress } from "./endpoints.js";
import { observe } from "../../core/observe.js";
import {
  hasMethod,
  type Members,
  type Original,
  patchMethod,
  patchRecorded,
  type RecordedReplacement,
} from "../../core/patchMethod.js";
import type { Span } from "../../core/types.js";
import { patchGroupBuilders, patchGroupSenders } from "./nodeRedisGroups.js";
import { commandKind, commandOf, type RedisCommand } from "./redisCommands.js";
import { type RedisClient, type RedisServer, SentCommand } from "./redisSpan.js";
import { inside } from "./state.js";

/** Methods in capitals that are not commands of their own. */
const NOT_COMMANDS = ["DISCONNECT", "MULTI", "QUIT", "SUBSCRIBE", "UNSUBSCRIBE", "PSUBSCRIBE", "PUNSUBSCRIBE"];

/** From version 5, what `createClient` and `withCommandOptions` return only inherits from the client that does the work. */
export function ownClient(client: object): object {
  return memberOf(client, "_self") ?? client;
}

/** Where a node-redis client sends to. Version 4 keeps the options of clusters to itself, every version those of sentinels. */
export function nodeRedisServer(client: object): RedisServer {
  const isSingle = hasMethod(client, "duplicate") && "options" in client;
  if (!isSingle) return { ...clusterAddress(memberOf(client, "_options")?.["rootNodes"]), database: () => undefined };
  const { host, path, port } = memberOf(memberOf(client, "options"), "socket") ?? {};
  const address = typeof path === "string" ? path : typeof host === "string" ? host : "localhost";
  return {
    ...singleAddress(address, path === undefined ? port : undefined),
    database: () => {
      const selected = memberOf(client, "options")?.["database"] ?? 0;
      return typeof selected === "number" ? selected : undefined;
    },
  };
}

/** The clients of the nodes of a cluster, as far as they are known; of another client itself. */
export function nodeRedisNodes(client: object): readonly object[] {
  const masters = (client as Members)["masters"];
  if (!Array.isArray(masters)) return [client];
  return masters.map((master: unknown) => memberOf(master, "client")).filter((node) => node !== undefined);
}

/** Instruments a client in place. False if it cannot be changed. */
export function instrumentNodeRedis(target: object, client: RedisClient): boolean {
  const sendsAll = hasMethod(target, "_executeCommand");
  const isPatched = sendsAll
    ? true
    : commandMethods(target).every((name) => patchRecorded(target, name, byMethod(name, client)));
  if (isSingle(target)) patchGroupSenders(target, client);
  else patchGroupBuilders(target, client);
  watchNodes(target);
  return patchRecorded(target, "sendCommand", raw(client)) && isPatched;
}

/** A client with one connection sends groups itself. */
function isSingle(target: object): boolean {
  return (
    hasMethod(target, "multiExecutor") || (hasMethod(target, "_executeMulti") && hasMethod(target, "_executeCommand"))
  );
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
  const kind = commandKind(name);
  return (asking, send, args) => sendCommand(asking, client, { kind, args }, send);
}

/** `sendCommand(args)` of a client; a cluster wants to know first where to send them. */
function raw(client: RedisClient): RecordedReplacement {
  return (asking, send, args) => {
    const words: unknown = args.find(Array.isArray);
    // In clusters of version 4 the methods of the commands call it.
    if (sending !== undefined || !Array.isArray(words)) return send();
    return sendCommand(asking, client, commandOf(words), send);
  };
}

/** The command whose method is running. */
let sending: SentCommand | undefined;

function sendCommand(asking: Span, client: RedisClient, command: RedisCommand, send: Original): unknown {
  const sent = new SentCommand(asking, client, command);
  const run = (): unknown => {
    const before = sending;
    sending = sent;
    try {
      return inside(send);
    } finally {
      sending = before;
    }
  };
  return observe(run, (outcome) => sent.end(outcome));
}

/** Makes known which node a command is sent to, by the function that a cluster calls with the client of the node, again to retry. */
function watchNodes(target: object): void {
  patchMethod(target, "_execute", (execute, args) => {
    const sent = sending;
    if (sent === undefined) return execute();
    return execute(args.map((arg) => (typeof arg === "function" ? noting(arg as NodeFunction, sent) : arg)));
  });
}

type NodeFunction = (node: unknown, ...rest: unknown[]) => unknown;

function noting(run: NodeFunction, sent: SentCommand): NodeFunction {
  return (node, ...rest) => {
    const { host, port } = memberOf(memberOf(node, "options"), "socket") ?? {};
    if (typeof host === "string") sent.noteNode({ address: host, port: typeof port === "number" ? port : undefined });
    return run(node, ...rest);
  };
}
