/** The CLIENT spans of Redis commands and of the groups they are sent in. */
import { startSpan } from "../../core/api.js";
import { recordedSpan } from "../../core/recordedSpan.js";
import type { Span } from "../../core/types.js";
import {
  CACHE_ENDPOINT_CLASS,
  CACHE_KEY_HASH,
  CACHE_NAME,
  CACHE_OPERATION,
  CACHE_TARGET_HIT_RATIO,
  DB_NAMESPACE,
  DB_OPERATION_BATCH_SIZE,
  DB_OPERATION_NAME,
  DB_QUERY_TEXT,
  DB_SYSTEM_NAME,
  SERVER_ADDRESS,
  SERVER_PORT,
} from "../../semconv/attributes.js";
import { foundAttributes } from "./cacheSpan.js";
import { keyHash } from "./cacheKey.js";
import { type Found, noteLookup } from "./lookups.js";
import { nonRecordingSpan } from "../../core/nonRecordingSpan.js";
import { observe, type Outcome, type PromiseMode } from "../../core/observe.js";
import type { CacheProfile } from "./options.js";
import { foundIn, keyOf, operationOf, type RedisCommand, textOf } from "./redisCommands.js";
import { recordRedisError } from "./redisErrors.js";
import { cacheState, inside } from "./state.js";

/** Where commands go. */
export interface RedisServer {
  readonly address?: string | undefined;
  readonly port?: number | undefined;
  /** The database that is selected, as it is known to the client. */
  readonly database: () => number | string | undefined;
}

/** A client that is instrumented. */
export interface RedisClient {
  readonly profile: CacheProfile;
  readonly server: RedisServer;
  /** `none` where somebody else records the commands: look-ups are still counted. */
  readonly spans: "own" | "none";
}

/** Commands that are sent together. */
export interface RedisGroup {
  readonly prefix: "MULTI" | "PIPELINE";
  readonly commands: readonly RedisCommand[];
  /** The reply to each command, or what failed it, out of what the group came to. */
  readonly replies: (value: unknown) => readonly Outcome[];
}

const SYSTEM = "redis";
const DEFAULT_PORT = 6379;

/** Sends a command in a span of its own, below the one that asks. */
export function withCommandSpan<T>(
  asking: Span,
  client: RedisClient,
  command: RedisCommand,
  send: () => T,
  mode?: PromiseMode,
): T {
  // A look-up of `cached` counts as what that made of it: what is stored may be too old.
  const isSeen = cacheState().isInside;
  const span = startCommand(client, command, isSeen);
  const done = (outcome: Outcome): void => {
    if ("thrown" in outcome) recordRedisError(outcome.thrown, span, [command]);
    const found = foundBy(command, outcome);
    if (!isSeen && found.lookups > 0) span.setAttributes(foundAttributes(found));
    span.end();
    if (!isSeen) noteLookup(found, asking);
  };
  return observe(() => inside(send), done, mode);
}

/** Attributes are written as one literal: V8 takes microseconds to put an object together from parts. */
function startCommand({ profile, server, spans }: RedisClient, command: RedisCommand, isSeen: boolean): Span {
  if (spans === "none") return nonRecordingSpan();
  const operation = isSeen ? undefined : operationOf(command);
  const isLookup = operation === "get";
  const attributes = {
    [DB_SYSTEM_NAME]: SYSTEM,
    [DB_NAMESPACE]: namespaceOf(server),
    [SERVER_ADDRESS]: server.address,
    [SERVER_PORT]: portOf(server),
    [DB_OPERATION_NAME]: command.name,
    [DB_QUERY_TEXT]: textOf(command),
    [CACHE_NAME]: operation === undefined ? undefined : profile.name,
    [CACHE_OPERATION]: operation,
    [CACHE_KEY_HASH]: operation === undefined ? undefined : keyHash(keyOf(command)),
    [CACHE_ENDPOINT_CLASS]: isLookup ? profile.endpointClass : undefined,
    [CACHE_TARGET_HIT_RATIO]: isLookup ? profile.targetHitRatio : undefined,
  };
  return startSpan(command.name, { kind: "client", attributes });
}

/** Sends commands together, in one span for all of them. */
export function withGroupSpan<T>(client: RedisClient, group: RedisGroup, send: () => T, mode?: PromiseMode): T {
  const asking = recordedSpan();
  if (asking === undefined) return send();
  const span = startGroup(client, group);
  const done = (outcome: Outcome): void => {
    if ("thrown" in outcome) recordRedisError(outcome.thrown, span, group.commands);
    else noteReplies(group, group.replies(outcome.value), span, asking);
    span.end();
  };
  return observe(() => inside(send), done, mode);
}

function startGroup({ server, spans }: RedisClient, { prefix, commands }: RedisGroup): Span {
  if (spans === "none") return nonRecordingSpan();
  const names = new Set(commands.map(({ name }) => name));
  const [only] = names;
  const operation = only === undefined || names.size > 1 ? prefix : `${prefix} ${only}`;
  const attributes = {
    [DB_SYSTEM_NAME]: SYSTEM,
    [DB_NAMESPACE]: namespaceOf(server),
    [SERVER_ADDRESS]: server.address,
    [SERVER_PORT]: portOf(server),
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
  noteLookup({ lookups, hits }, asking);
}

/** A look-up that failed found nothing. */
function foundBy(command: RedisCommand, outcome: Outcome): Found {
  return foundIn(command, "thrown" in outcome ? null : outcome.value);
}

function namespaceOf({ database }: RedisServer): string | undefined {
  const selected = database();
  return selected === undefined ? undefined : String(selected);
}

function portOf({ port }: RedisServer): number | undefined {
  return port === DEFAULT_PORT ? undefined : port;
}
