/**
 * ioredis, single, by sentinels, and cluster. The methods of the commands are replaced, not `sendCommand`: with auto pipelining
 * that one is called later, when nobody knows any more who asked.
 */
import { memberOf } from "./clientKind.js";
import { clusterAddress, sentinelAddress, singleAddress } from "./endpoints.js";
import { callWatched, noteNodes, watchCommands, watchNode } from "./ioredisCommand.js";
import { observe, type Outcome } from "../../core/observe.js";
import { hasMethod, type Members, type Method, patchMethod, replaceMethod } from "../../core/patchMethod.js";
import { recordedSpan } from "../../core/recordedSpan.js";
import { type CommandKind, commandKind, commandOf, type RedisCommand } from "./redisCommands.js";
import { cacheState, inside } from "./state.js";
import {
  type Peer,
  type RedisClient,
  type RedisGroup,
  type RedisServer,
  SentCommand,
  withGroupSpan,
} from "./redisSpan.js";

/** The part of ioredis that is used, in versions 4 to 6. */
interface IoredisLike {
  getBuiltinCommands(): readonly string[];
}

/** The part of a cluster. */
interface ClusterLike {
  readonly startupNodes?: unknown;
  nodes(role: "all"): readonly object[];
  on(event: "+node", listener: (node: object) => void): unknown;
}

/** Methods that take the name of the command as their first argument. */
const BY_NAME = ["call", "callBuffer", "send_command"];

/** Commands with methods of other kinds: a transaction is a group, and a monitor a connection of its own. */
const NOT_COMMANDS = ["multi", "exec", "monitor"];

/** Where an ioredis client sends to. */
export function ioredisServer(client: object): RedisServer {
  const { host, path, port, db, sentinels, name } = memberOf(client, "options") ?? {};
  const database = (): number | undefined => {
    const selected = memberOf(client, "condition")?.["select"] ?? db;
    return typeof selected === "number" ? selected : undefined;
  };
  if (isCluster(client)) return { ...clusterAddress(client.startupNodes), database };
  if (Array.isArray(sentinels)) return { ...sentinelAddress(sentinels, name), database };
  const isSocket = typeof path === "string";
  return { ...singleAddress(isSocket ? path : text(host), isSocket ? undefined : port), database };
}

/** The clients of the nodes of a cluster, as far as they are known; of another client itself. */
export function ioredisNodes(client: object): readonly object[] {
  return isCluster(client) ? client.nodes("all") : [client];
}

function isCluster(client: object): client is ClusterLike {
  return (client as Members)["isCluster"] === true && hasMethod(client, "nodes");
}

/** Instruments a client in place. False if it cannot be changed. */
export function instrumentIoredis(target: object, client: RedisClient): boolean {
  const names = (target as IoredisLike).getBuiltinCommands().filter((name) => !NOT_COMMANDS.includes(name));
  const isPatched = names.every((name) => patchCommand(target, name, commandKind(name), callCommand, client));
  for (const name of BY_NAME) patchCalls(target, name, commandOf, callCommand, client);
  watchCommands(target, isCluster(target) ? "several" : "one");
  if (isCluster(target)) {
    for (const node of target.nodes("all")) watchNode(node);
    target.on("+node", watchNode);
  }
  patchMethod(target, "defineCommand", (define, [name]) => {
    const result = define();
    if (typeof name === "string") patchCommand(target, name, commandKind("evalsha"), callScript, client);
    return result;
  });
  for (const name of ["pipeline", "multi"]) {
    patchMethod(target, name, (start) => {
      // Auto pipelining starts one of its own for commands that have their spans.
      return cacheState().isInside ? start() : instrumentPipeline(start(), client);
    });
  }
  return isPatched;
}

/** Calls a method, whose command has a span, and sees to it that the span is ended. */
type CallRecorded = (sent: SentCommand, method: Method, target: object, args: readonly unknown[]) => unknown;

/** A command has two methods: for texts and for bytes. */
function patchCommand(
  target: object,
  name: string,
  kind: CommandKind,
  call: CallRecorded,
  client: RedisClient,
): boolean {
  return [name, `${name}Buffer`]
    .filter((method) => hasMethod(target, method))
    .every((method) => patchCalls(target, method, (args) => ({ kind, args }), call, client));
}

/** Not by `patchRecorded`: it takes one closure more for each call, and these calls are many. */
function patchCalls(
  target: object,
  name: string,
  toCommand: (args: readonly unknown[]) => RedisCommand,
  call: CallRecorded,
  client: RedisClient,
): boolean {
  return replaceMethod(target, name, (method) => {
    return function (...args) {
      const asking = recordedSpan();
      // Pipelines inherit these methods from the client if they were defined on it, to queue the command.
      if (asking === undefined || this !== target) return Reflect.apply(method, this, args);
      return call(new SentCommand(asking, client, toCommand(args)), method, target, args);
    };
  });
}

function callCommand(sent: SentCommand, method: Method, target: object, args: readonly unknown[]): unknown {
  let result: unknown;
  try {
    result = callWatched(sent, method, target, args);
  } catch (thrown) {
    sent.fail(thrown);
    throw thrown;
  }
  return sent.isWatched ? result : ending(sent, args, () => result);
}

/** A script that the server does not know is sent a second time: what the first command is told is not the outcome. */
function callScript(sent: SentCommand, method: Method, target: object, args: readonly unknown[]): unknown {
  return ending(sent, args, () => inside(() => Reflect.apply(method, target, args)));
}

/** Ends the span by what a call came to. With a callback, that handles the error, and the promise may be left alone. */
function ending<T>(sent: SentCommand, args: readonly unknown[], send: () => T): T {
  return observe(send, (outcome) => sent.end(outcome), typeof args.at(-1) === "function" ? "watch" : "replace");
}

/** `multi({ pipeline: false })` gives a promise: its commands are sent one by one. */
function instrumentPipeline(pipeline: unknown, client: RedisClient): unknown {
  if (typeof pipeline !== "object" || pipeline === null || !hasMethod(pipeline, "exec")) return pipeline;
  let isSent = false;
  // A pipeline always handles its rejection itself; ours in place of it would be unhandled. A cluster calls it again to retry.
  patchMethod(pipeline, "exec", (send) => {
    if (isSent) return send();
    isSent = true;
    return withGroupSpan(client, group(pipeline), send, "watch");
  });
  return pipeline;
}

function group(pipeline: object): RedisGroup {
  const queue = (pipeline as Members)["_queue"];
  const queued: readonly unknown[] = Array.isArray(queue) ? queue : [];
  const commands = queued.map((command) => {
    const { name, args } = command as { readonly name?: unknown; readonly args?: unknown };
    return { kind: commandKind(name), args: Array.isArray(args) ? (args as readonly unknown[]) : [] };
  });
  const isTransaction = commands[0]?.kind.name === "MULTI";
  let node: Peer | undefined;
  // All of them go to the same node.
  noteNodes(queued[0], (peer) => (node = peer));
  return {
    prefix: isTransaction ? "MULTI" : "PIPELINE",
    commands: isTransaction ? commands.slice(1).filter(({ kind }) => kind.name !== "EXEC") : commands,
    replies: (outcome) => ("thrown" in outcome ? undefined : pairs(outcome.value)),
    node: () => node,
  };
}

/** `[error, reply]` for each command; null for a transaction that a watched key undid. */
function pairs(value: unknown): readonly Outcome[] {
  if (!Array.isArray(value)) return [];
  return value.map((pair) => {
    const [thrown, reply] = Array.isArray(pair) ? (pair as readonly unknown[]) : [];
    return thrown === null || thrown === undefined ? { value: reply } : { thrown };
  });
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
