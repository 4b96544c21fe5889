/** The CLIENT spans of Redis commands and of the groups they are sent in. */
import { startSpan } from "../../core/api.js";
import { activeContext } from "../../core/context.js";
import { recordedSpan } from "../../core/recordedSpan.js";
import type { Span } from "../../core/types.js";
import {
  CACHE_ENDPOINT_CLASS,
  CACHE_HIT,
  CACHE_KEY_HASH,
  CACHE_NAME,
  CACHE_TARGET_HIT_RATIO,
  DB_NAMESPACE,
  DB_OPERATION_BATCH_SIZE,
  DB_OPERATION_NAME,
  DB_QUERY_TEXT,
  DB_SYSTEM_NAME,
  NETWORK_PEER_ADDRESS,
  NETWORK_PEER_PORT,
  SERVER_ADDRESS,
  SERVER_PORT,
} from "../../semconv/attributes.js";
import { foundAttributes } from "./cacheSpan.js";
import { keyHash } from "./cacheKey.js";
import type { ServerAddress } from "./endpoints.js";
import { type Found, noteLookup } from "./lookups.js";
import { nonRecordingSpan } from "../../core/nonRecordingSpan.js";
import { observe, type Outcome, type PromiseMode } from "../../core/observe.js";
import type { CacheProfile } from "./options.js";
import { foundIn, keyOf, type RedisCommand, textOf } from "./redisCommands.js";
import { recordRedisError } from "./redisErrors.js";
import { cacheState, inside } from "./state.js";

/** Where commands go. */
export interface RedisServer extends ServerAddress {
  /** The database that is selected, as it is known to the client. */
  readonly database: () => number | string | undefined;
}

/** A client that is instrumented. */
export interface RedisClient {
  readonly profile: CacheProfile;
  readonly server: RedisServer;
  /** `none` where somebody else records the commands: look-ups are still counted. */
  readonly spans: () => "own" | "none";
}

/** A node of a cluster, as far as it is known. */
export interface Peer {
  readonly address: string | undefined;
  readonly port: number | undefined;
}

/** Commands that are sent together. */
export interface RedisGroup {
  readonly prefix: "MULTI" | "PIPELINE";
  readonly commands: readonly RedisCommand[];
  /** The reply to each command, or what failed it, out of what the group came to; undefined if it failed as a whole. */
  readonly replies: (outcome: Outcome) => readonly Outcome[] | undefined;
  /** The node that answered, where that is known when it has. */
  readonly node?: () => Peer | undefined;
}

const SYSTEM = "redis";

/** A command that has a span, from when it is sent until it is known what came of it. */
export class SentCommand {
  readonly #asking: Span;
  readonly #command: RedisCommand;
  /** A look-up of `cached` counts as what that made of it: what is stored may be too old. */
  readonly #isSeen = cacheState().isInside;
  readonly #span: Span;
  /** Kept: replies arrive on a connection, and there something else may be active, or nothing. */
  readonly #context = activeContext();
  #node: Peer | undefined;
  #hasEnded = false;
  /** True if somebody will end it who knows of the reply; else the promise of the command has to be waited for. */
  isWatched = false;

  /** Starts the span, below the one that asks. */
  constructor(asking: Span, client: RedisClient, command: RedisCommand) {
    this.#asking = asking;
    this.#command = command;
    this.#span = startCommand(client, command, this.#isSeen);
  }

  /** Says to which node of a cluster the command is sent. Of several, the last one is recorded: that one answered. */
  noteNode(node: Peer): void {
    this.#node = node;
  }

  /** Ends the span of a command that has its reply. Only the first end counts, and none throws. */
  succeed(reply: unknown): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    try {
      this.#complete(foundIn(this.#command, reply));
    } catch {
      // Spans of somebody else's provider may throw; the program must not see that.
    }
  }

  /** Ends the span of a command that failed. */
  fail(thrown: unknown): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    try {
      recordRedisError(thrown, this.#span, [this.#command]);
      this.#complete(foundIn(this.#command, null));
    } catch {
      // The same.
    }
  }

  /** Ends the span by what is known of the command as an outcome. */
  end(outcome: Outcome): void {
    if ("thrown" in outcome) this.fail(outcome.thrown);
    else this.succeed(outcome.value);
  }

  #complete(found: Found): void {
    const isLookup = found.lookups > 0 && !this.#isSeen;
    if (isLookup) this.#span.setAttribute(CACHE_HIT, found.hits === found.lookups);
    if (this.#node !== undefined) setNode(this.#span, this.#node);
    this.#span.end();
    if (isLookup) noteLookup(found, this.#asking, this.#context);
  }
}

function setNode(span: Span, { address, port }: Peer): void {
  span.setAttributes({
    [NETWORK_PEER_ADDRESS]: address,
    [NETWORK_PEER_PORT]: address === undefined ? undefined : port,
  });
}

/** Attributes are written as one literal: V8 takes microseconds to put an object together from parts. */
function startCommand({ profile, server, spans }: RedisClient, command: RedisCommand, isSeen: boolean): Span {
  if (spans() === "none") return nonRecordingSpan();
  const { name } = command.kind;
  const operation = isSeen ? undefined : command.kind.operation;
  const isLookup = operation === "get";
  const attributes = {
    [DB_SYSTEM_NAME]: SYSTEM,
    [DB_NAMESPACE]: namespaceOf(server),
    [SERVER_ADDRESS]: server.address,
    [SERVER_PORT]: server.port,
    [DB_OPERATION_NAME]: name,
    [DB_QUERY_TEXT]: textOf(command),
    [CACHE_NAME]: operation === undefined ? undefined : profile.name,
    [CACHE_KEY_HASH]: operation === undefined ? undefined : keyHash(keyOf(command)),
    [CACHE_ENDPOINT_CLASS]: isLookup ? profile.endpointClass : undefined,
    [CACHE_TARGET_HIT_RATIO]: isLookup ? profile.targetHitRatio : undefined,
  };
  return startSpan(name, { kind: "client", attributes });
}

/** Sends commands together, in one span for all of them. */
export function withGroupSpan<T>(client: RedisClient, group: RedisGroup, send: () => T, mode?: PromiseMode): T {
  const asking = recordedSpan();
  if (asking === undefined) return send();
  const span = startGroup(client, group);
  const done = (outcome: Outcome): void => {
    const replies = group.replies(outcome);
    if (replies !== undefined) noteReplies(group, replies, span, asking);
    else if ("thrown" in outcome) recordRedisError(outcome.thrown, span, group.commands);
    const node = group.node?.();
    if (node !== undefined) setNode(span, node);
    span.end();
  };
  return observe(() => inside(send), done, mode);
}

function startGroup({ server, spans }: RedisClient, { prefix, commands }: RedisGroup): Span {
  if (spans() === "none") return nonRecordingSpan();
  const names = new Set(commands.map(({ kind }) => kind.name));
  const [only] = names;
  const operation = only === undefined || names.size > 1 ? prefix : `${prefix} ${only}`;
  const attributes = {
    [DB_SYSTEM_NAME]: SYSTEM,
    [DB_NAMESPACE]: namespaceOf(server),
    [SERVER_ADDRESS]: server.address,
    [SERVER_PORT]: server.port,
    [DB_OPERATION_NAME]: operation,
    [DB_OPERATION_BATCH_SIZE]: commands.length === 1 ? undefined : commands.length,
    [DB_QUERY_TEXT]: groupText(commands),
  };
  return startSpan(operation, { kind: "client", attributes });
}

/** The most different commands that are written out. */
const MOST_TEXTS = 10;

function groupText(commands: readonly RedisCommand[]): string | undefined {
  const texts = [...new Set(commands.map(textOf))];
  if (texts.length === 0) return undefined;
  return [...texts.slice(0, MOST_TEXTS), ...(texts.length > MOST_TEXTS ? ["…"] : [])].join("; ");
}

/** A group has several look-ups and may have several failures; the first failure is the group's. */
function noteReplies({ commands }: RedisGroup, replies: readonly Outcome[], span: Span, asking: Span): void {
  const failed = replies.find((reply) => "thrown" in reply);
  if (failed !== undefined && "thrown" in failed) recordRedisError(failed.thrown, span, commands);
  let lookups = 0;
  let hits = 0;
  for (const [index, command] of commands.entries()) {
    const reply = replies[index];
    if (reply === undefined) continue;
    const found = foundBy(command, reply);
    lookups += found.lookups;
    hits += found.hits;
  }
  span.setAttributes(foundAttributes({ lookups, hits }));
  noteLookup({ lookups, hits }, asking, activeContext());
}

/** A look-up that failed found nothing. */
function foundBy(command: RedisCommand, outcome: Outcome): Found {
  return foundIn(command, "thrown" in outcome ? null : outcome.value);
}

function namespaceOf({ database }: RedisServer): string | undefined {
  const selected = database();
  return selected === undefined ? undefined : String(selected);
}
