/** What was given up, why, and how to try it again. */
import { addLink, extractCarrier, setCorrelationId, withSpan } from "convex-otel";
import { ConvexError, v } from "convex/values";
import { internal } from "./_generated/api";
import type { Doc, Id } from "./_generated/dataModel";
import type { MutationCtx } from "./_generated/server";
import { internalMutation } from "./otel";

/** What is known about a delivery when it is given up. */
type NewDeadLetter = Omit<Doc<"deadLetters">, "_id" | "_creationTime" | "replayedAt">;

/** Keeps what had to be given up, in the caller's transaction. */
export async function insertDeadLetter(ctx: MutationCtx, letter: NewDeadLetter): Promise<void> {
  const attributes = {
    "dlq.name": "deadLetters",
    "dlq.reason": letter.reason,
    // The first attempt is not a retry.
    "dlq.retry_count": Math.max(letter.attempts - 1, 0),
  };
  await withSpan("webhook dead_letter", { kind: "producer", attributes }, async () => {
    await ctx.db.insert("deadLetters", letter);
  });
}

/**
 * Tries a dead letter again, from the first attempt on. Internal, so that only the team can do it:
 * `npx convex run deadLetters:replay '{"deadLetterId": "…"}'`.
 */
export const replay = internalMutation({
  args: { deadLetterId: v.id("deadLetters") },
  returns: v.null(),
  handler: async (ctx, { deadLetterId }): Promise<null> => {
    const letter = await ctx.db.get("deadLetters", deadLetterId);
    if (letter === null) throw new ConvexError({ code: "not_found", message: "There is no such dead letter." });
    const { taskId } = letter;
    if (taskId === undefined || letter.replayedAt !== undefined) {
      throw new ConvexError({ code: "not_replayable", message: "It has no task, or it was replayed before." });
    }
    await linkToDelivery(ctx, letter.deliveryDocId);
    await ctx.db.patch("deadLetters", deadLetterId, { replayedAt: Date.now() });
    await ctx.db.patch("automationTasks", taskId, { status: "pending", attempts: 0, dueAt: Date.now() });
    await ctx.scheduler.runAfter(0, internal.tasks.executeTask, { taskId });
    return null;
  },
});

/** A replay is a trace of its own: the link and the correlation id lead to the one that received the webhook. */
async function linkToDelivery(ctx: MutationCtx, deliveryDocId: Id<"webhookDeliveries">): Promise<void> {
  const delivery = await ctx.db.get("webhookDeliveries", deliveryDocId);
  if (delivery?.deliveryId !== undefined) setCorrelationId(delivery.deliveryId);
  const { spanContext } = extractCarrier({ traceparent: delivery?.traceparent });
  if (spanContext !== undefined) addLink({ context: spanContext });
}
