/**
 * Transactions and pipelines of node-redis. A single client has methods that send a group; a cluster has none, so there the object
 * that collects the commands is looked at.
 */
import type { Outcome } from "../../core/observe.js";
import { patchMethod } from "../../core/patchMethod.js";
import { commandOf, type RedisCommand } from "./redisCommands.js";
import { type RedisClient, type RedisGroup, withGroupSpan } from "./redisSpan.js";

/**
 * What `multi()` of a single client calls at its end: `exec()` and `execAsPipeline()`. Version 4 has one function for both, and
 * returns what `MULTI` was answered, too.
 */
export function patchGroupSenders(target: object, client: RedisClient): void {
  patchMethod(target, "_executeMulti", (send, [queued]) => runGroup(client, "MULTI", queuedCommands(queued), send));
  patchMethod(target, "_executePipeline", (send, [queued]) => {
    return runGroup(client, "PIPELINE", queuedCommands(queued), send);
  });
  patchMethod(target, "multiExecutor", (send, [queued, , chain]) => {
    if (chain === undefined) return runGroup(client, "PIPELINE", queuedCommands(queued), send);
    return runGroup(client, "MULTI", queuedCommands(queued), send, (value) => {
      return Array.isArray(value) ? value.at(-1) : undefined;
    });
  });
}

/** What `multi()` of a cluster, a sentinel or a pool returns. */
export function patchGroupBuilders(target: object, client: RedisClient): void {
  for (const name of ["MULTI", "multi"]) {
    patchMethod(target, name, (start) => {
      const builder = start();
      if (typeof builder === "object" && builder !== null) patchBuilder(builder, client);
      return builder;
    });
  }
}

function patchBuilder(builder: object, client: RedisClient): void {
  const commands: RedisCommand[] = [];
  // Clusters and sentinels are told other things first, which are no lists.
  patchMethod(builder, "addCommand", (add, args) => {
    const words: unknown = args.find(Array.isArray);
    if (Array.isArray(words)) commands.push(commandOf(words));
    return add();
  });
  for (const name of ["exec", "EXEC"]) {
    // With `true` it calls the other one.
    patchMethod(builder, name, (send, [asPipeline]) => {
      return asPipeline === true ? send() : runGroup(client, "MULTI", commands, send);
    });
  }
  patchMethod(builder, "execAsPipeline", (send) => runGroup(client, "PIPELINE", commands, send));
}

/** What is queued for a group: the words of each command, which begin with its name. */
function queuedCommands(queued: unknown): readonly RedisCommand[] {
  return (Array.isArray(queued) ? queued : []).map((entry: unknown) => {
    const args = (entry as { readonly args?: unknown } | undefined)?.args;
    return commandOf(Array.isArray(args) ? (args as readonly unknown[]) : []);
  });
}

function runGroup(
  client: RedisClient,
  prefix: RedisGroup["prefix"],
  commands: readonly RedisCommand[],
  send: () => unknown,
  listOf: (value: unknown) => unknown = (value) => value,
): unknown {
  const replies = (outcome: Outcome): ReturnType<RedisGroup["replies"]> => {
    return "thrown" in outcome ? repliesOfFailure(outcome.thrown) : outcomes(listOf(outcome.value));
  };
  return withGroupSpan(client, { prefix, commands, replies }, send);
}

/** Where single commands of a group failed, the error has all replies. */
function repliesOfFailure(thrown: unknown): readonly Outcome[] | undefined {
  const replies = thrown instanceof Error && "replies" in thrown ? thrown.replies : undefined;
  return Array.isArray(replies) ? outcomes(replies) : undefined;
}

/** A reply for each command, of which some may be errors. */
function outcomes(replies: unknown): readonly Outcome[] {
  if (!Array.isArray(replies)) return [];
  return replies.map((reply: unknown) => (reply instanceof Error ? { thrown: reply } : { value: reply }));
}
