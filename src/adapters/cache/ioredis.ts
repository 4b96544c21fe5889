/**
 * ioredis, single and cluster. The methods of the commands are replaced, not `sendCommand`: with auto pipelining that one is
 * called later, when nobody knows any more who asked.
 */
import { memberOf } from "./clientKind.js";
import type { Outcome, PromiseMode } from "../../core/observe.js";
import { hasMethod, type Members, type Original, patchMethod, patchRecorded } from "../../core/patchMethod.js";
import type { Span } from "../../core/types.js";
import type { RedisCommand } from "./redisCommands.js";
import { cacheState } from "./state.js";
import { type RedisClient, type RedisServer, withCommandSpan, withGroupSpan } from "./redisSpan.js";

/** The part of ioredis that is used, in versions 4 to 6. */
interface IoredisLike {
  getBuiltinCommands(): readonly string[];
}

/** Methods that take the name of the command as their first argument. */
const BY_NAME = ["call", "callBuffer", "send_command"];

/** Commands with methods of other kinds: a transaction is a group, and a monitor a connection of its own. */
const NOT_COMMANDS = ["multi", "exec", "monitor"];

/** Where an ioredis client sends to. */
export function ioredisServer(client: object): RedisServer {
  const options = memberOf(client, "options");
  const { host, path, port, db } = options ?? {};
  return {
    address: text(host) ?? text(path),
    port: typeof port === "number" && typeof path !== "string" ? port : undefined,
    database: () => {
      const selected = memberOf(client, "condition")?.["select"] ?? db;
      return typeof selected === "number" ? selected : undefined;
    },
  };
}

/** Instruments a client in place. False if it cannot be changed. */
export function instrumentIoredis(target: object, client: RedisClient): boolean {
  const names = (target as IoredisLike).getBuiltinCommands().filter((name) => !NOT_COMMANDS.includes(name));
  const isPatched = names.every((name) => patchCommand(target, name, name, client));
  for (const name of BY_NAME) {
    patchRecorded(target, name, (asking, send, args) => runCommand(asking, client, named(args), send));
  }
  patchMethod(target, "defineCommand", (define, [name]) => {
    const result = define();
    if (typeof name === "string") patchCommand(target, name, "evalsha", client);
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

/** A command has two methods: for texts and for bytes. */
function patchCommand(target: object, method: string, command: string, client: RedisClient): boolean {
  const capitals = command.toUpperCase();
  return [method, `${method}Buffer`]
    .filter((name) => hasMethod(target, name))
    .every((name) => {
      return patchRecorded(target, name, (asking, send, args, receiver) => {
        // Pipelines inherit these methods from the client if they were defined on it, to queue the command.
        if (receiver !== target) return send();
        return runCommand(asking, client, { name: capitals, args }, send);
      });
    });
}

function runCommand(asking: Span, client: RedisClient, command: RedisCommand, send: Original): unknown {
  return withCommandSpan(asking, client, command, send, modeFor(command.args));
}

/** With a callback, it is the callback that handles the error, and the promise may be left alone. */
function modeFor(args: readonly unknown[]): PromiseMode {
  return typeof args.at(-1) === "function" ? "watch" : "replace";
}

function named([name, ...args]: readonly unknown[]): RedisCommand {
  return { name: typeof name === "string" ? name.toUpperCase() : "COMMAND", args };
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

function group(pipeline: object): Parameters<typeof withGroupSpan>[1] {
  const queue = (pipeline as Members)["_queue"];
  const queued: readonly unknown[] = Array.isArray(queue) ? queue : [];
  const commands = queued.map((command) => {
    const { name, args } = command as { readonly name?: unknown; readonly args?: unknown };
    return { name: String(name).toUpperCase(), args: Array.isArray(args) ? (args as readonly unknown[]) : [] };
  });
  const isTransaction = commands[0]?.name === "MULTI";
  return {
    prefix: isTransaction ? "MULTI" : "PIPELINE",
    commands: isTransaction ? commands.slice(1).filter(({ name }) => name !== "EXEC") : commands,
    replies: pairs,
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
