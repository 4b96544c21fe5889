/** What a drain does when it has nothing to send: it ends. The watchdog looks once more, after everybody who saw it running. */
import type { MutationCtx } from "./_generated/server.js";
import { continueLater, type RunnerFields } from "./runner.js";
import { batchDelayMs } from "./settings.js";

/**
 * Idle, if really nothing is there. This read is an ordinary one: it covers what a scan from the mark would not see, and a
 * text that is inserted meanwhile makes this transaction, and not the caller's, start again.
 */
export async function beIdle(ctx: MutationCtx, fields: RunnerFields): Promise<RunnerFields> {
  const left = await ctx.db.query("texts").first();
  const calm = { ...fields, inFlight: { spans: 0, upTo: 0 } };
  if (left !== null)
    return continueLater(ctx, { ...calm, mark: Math.min(fields.mark, left._creationTime) }, batchDelayMs());
  return { ...calm, status: "idle", idleSince: Date.now(), measured: { upTo: 0, texts: 0, bytes: 0 } };
}
