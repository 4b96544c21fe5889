/**
 * How a span learns what became of its command in ioredis: from the command itself. It is an object that the method of the client
 * makes and hands to `sendCommand` before it returns, and that is told its reply, once, after all redirections of a cluster.
 * Waiting for the promise instead would take one more promise for each command, and those are dear where contexts follow them.
 */
import { type Members, type Method, patchMethod, replaceMethod } from "../../core/patchMethod.js";
import { memberOf } from "./clientKind.js";
import type { Peer, SentCommand } from "./redisSpan.js";
import { cacheState } from "./state.js";

/** The part of a command that is used, in versions 4 to 6. */
interface IoredisCommand {
  resolve: (reply: unknown) => unknown;
  reject: (thrown: unknown) => unknown;
  [NOTE_NODE]?: (node: object) => void;
}

/** On a command that is recorded: wants to know which node of a cluster it is sent to. */
const NOTE_NODE = Symbol("convex-otel.node");

/** The command whose method is running. */
let sending: SentCommand | undefined;

/**
 * Calls the method of a command, in a span that is ended when the command has its reply: by the command, if it is handed to
 * `sendCommand` meanwhile (`sent.isWatched`), else by who called this.
 */
export function callWatched(sent: SentCommand, method: Method, client: object, args: readonly unknown[]): unknown {
  const state = cacheState();
  const { isInside } = state;
  const before = sending;
  sending = sent;
  state.isInside = true;
  try {
    return Reflect.apply(method, client, args);
  } finally {
    state.isInside = isInside;
    sending = before;
  }
}

/** Makes the commands of a client known as they are sent. */
export function watchCommands(target: object, nodes: "one" | "several"): void {
  replaceMethod(target, "sendCommand", (method) => {
    return function (command, ...more) {
      const sent = sending;
      if (sent !== undefined && isCommand(command)) {
        sending = undefined;
        watch(command, sent);
        if (nodes === "several") noteNodes(command, (peer) => sent.noteNode(peer));
      }
      return method.call(this, command, ...more);
    };
  });
}

/** Makes known which node of a cluster a command is sent to. */
export function watchNode(node: object): void {
  patchMethod(node, "sendCommand", (send, [command]) => {
    if (isCommand(command)) command[NOTE_NODE]?.(node);
    return send();
  });
}

/** Calls back with each node that a command is sent to. */
export function noteNodes(command: unknown, note: (peer: Peer) => void): void {
  if (isCommand(command)) command[NOTE_NODE] = (node) => note(peerOf(node));
}

function watch(command: IoredisCommand, sent: SentCommand): void {
  sent.isWatched = true;
  const { resolve, reject } = command;
  command.resolve = (reply) => {
    // First, since a reply that cannot be made sense of is a rejection.
    const result = resolve(reply);
    sent.succeed(reply);
    return result;
  };
  command.reject = (thrown) => {
    sent.fail(thrown);
    return reject(thrown);
  };
}

function peerOf(node: object): Peer {
  const { host, port } = memberOf(node, "options") ?? {};
  return { address: typeof host === "string" ? host : undefined, port: typeof port === "number" ? port : undefined };
}

function isCommand(given: unknown): given is IoredisCommand {
  if (typeof given !== "object" || given === null) return false;
  const { resolve, reject } = given as Members;
  return typeof resolve === "function" && typeof reject === "function";
}
