/** What a failed command says about itself, without the values that Redis quotes in some of its messages. */
import { recordError } from "../../core/api.js";
import { addMessageRule } from "../../core/errorRules.js";
import type { Span } from "../../core/types.js";
import type { RedisCommand } from "./redisCommands.js";
import { DB_RESPONSE_STATUS_CODE, ERROR_TYPE } from "../../semconv/attributes.js";

/** The first word of an error reply, by which Redis tells its errors apart: `WRONGTYPE`, `ERR`, `MOVED`. */
const PREFIX = /^([A-Z][A-Z0-9_]{1,31})(?: |$)/;

/** What ioredis says when it gives up on a cluster. It has the last reply in it. */
const REDIRECTED = /^Too many Cluster redirections\. Last error: ReplyError: (.*)$/s;

/** How the clients name the class of error replies. */
const REPLY_ERRORS: readonly string[] = ["ReplyError", "ErrorReply", "SimpleError", "BlobError", "MultiErrorReply"];

/** The prefix of an error reply; undefined for failures that are not replies, such as a lost connection. */
function replyPrefix(thrown: unknown): string | undefined {
  try {
    if (!(thrown instanceof Error)) return undefined;
    const redirected = REDIRECTED.exec(thrown.message)?.[1];
    if (redirected !== undefined) return PREFIX.exec(redirected)?.[1];
    const isReply = REPLY_ERRORS.includes(thrown.name) || REPLY_ERRORS.includes(thrown.constructor.name);
    return isReply ? (PREFIX.exec(thrown.message)?.[1] ?? "ERR") : undefined;
  } catch {
    // It throws when it is looked at.
    return undefined;
  }
}

/** From now on, spans around a command record of an error reply its prefix: they do not know whose words the rest is. */
export function protectReplies(): void {
  addMessageRule("redis", replyPrefix);
}

/** Records a failure on the span of its commands. The message of a reply stays out but for what Redis itself wrote. */
export function recordRedisError(thrown: unknown, span: Span, commands: readonly RedisCommand[]): void {
  const prefix = replyPrefix(thrown);
  if (prefix === undefined) return recordError(thrown, span);
  span.setAttributes({ [DB_RESPONSE_STATUS_CODE]: prefix, [ERROR_TYPE]: prefix });
  span.setStatus({
    code: 2,
    message: commands.some(hasOwnWords) ? undefined : withoutQuotes((thrown as Error).message),
  });
}

/** Scripts, functions and modules (`FT.SEARCH`) fail in words of their own, which may hold anything. */
function hasOwnWords({ kind }: RedisCommand): boolean {
  return /^(EVAL|FCALL|FUNCTION|SCRIPT)|\./.test(kind.name);
}

/** Redis puts what it quotes of a command between quotation marks. */
function withoutQuotes(message: string): string {
  return message.replace(/(["'`])(?:(?!\1)[^\\]|\\[^])*(?:\1|$)/g, "?");
}
