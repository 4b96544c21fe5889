/**
 * From a verified payload to a task, in one transaction: either the payload is stored and its task is scheduled, or
 * nothing happened and Stripe delivers it again.
 */
import { withSpan } from "convex-otel";
import { v, type Infer } from "convex/values";
import type { MutationCtx } from "./_generated/server";
import { insertDeadLetter } from "./deadLetters";
import { handlerFor } from "./model/routes";
import { normalizeStripeEvent, type NormalizeResult } from "./model/stripeEvent";
import type { CanonicalEvent } from "./model/canonicalEvent";
import { internalMutation } from "./otel";
import { enqueueTask } from "./tasks";

/** What became of a delivery. */
const receiveOutcome = v.union(
  v.literal("processed"),
  v.literal("ignored"),
  v.literal("duplicate"),
  v.literal("dead_lettered"),
);
type ReceiveOutcome = Infer<typeof receiveOutcome>;

/** Stores, normalizes, routes and enqueues a verified payload. */
export const receive = internalMutation({
  args: { payload: v.string(), traceparent: v.optional(v.string()) },
  returns: receiveOutcome,
  handler: async (ctx, received): Promise<ReceiveOutcome> => {
    const raw = { provider: "stripe" as const, ...received };
    const normalized = normalize(received.payload);
    // Stripe did sign it, so it is ours to look at; asking for it again would bring the same.
    if (!normalized.ok) {
      const deliveryDocId = await ctx.db.insert("webhookDeliveries", raw);
      await insertDeadLetter(ctx, { deliveryDocId, reason: "validation", attempts: 0, detail: normalized.problem });
      return "dead_lettered";
    }
    const { event } = normalized;
    const { isDuplicate, handler } = await route(ctx, event);
    // Stripe delivers at least once. A second delivery is answered with 200, or it would come a third time.
    if (isDuplicate) return "duplicate";
    const deliveryDocId = await ctx.db.insert("webhookDeliveries", { ...raw, deliveryId: event.providerEventId });
    if (handler === undefined) return "ignored";
    const eventId = await ctx.db.insert("events", { ...event, deliveryDocId });
    await enqueueTask(ctx, { eventId, deliveryDocId, handler });
    return "processed";
  },
});

/** Ids, types and sizes go on spans; the payload never does. */
function normalize(payload: string): NormalizeResult {
  return withSpan("webhook normalize", (span) => {
    span.setAttribute("webhook.payload.size", new TextEncoder().encode(payload).length);
    const result = normalizeStripeEvent(payload);
    if (result.ok) {
      span.setAttribute("webhook.event_type", result.event.providerEventType);
      span.setAttribute("webhook.delivery_id", result.event.providerEventId);
    } else {
      span.setAttribute("error.type", "validation");
      span.setStatus({ code: 2, message: result.problem });
    }
    return result;
  });
}

interface Routing {
  readonly isDuplicate: boolean;
  readonly handler: string | undefined;
}

function route(ctx: MutationCtx, event: CanonicalEvent): Promise<Routing> {
  return withSpan("webhook route", async (span) => {
    // Two deliveries at the same moment conflict on this read, and Convex runs one of them again: no lock is needed.
    const earlier = await ctx.db
      .query("webhookDeliveries")
      .withIndex("by_provider_and_delivery_id", (q) =>
        q.eq("provider", event.provider).eq("deliveryId", event.providerEventId),
      )
      .first();
    const routing = { isDuplicate: earlier !== null, handler: handlerFor(event.providerEventType) };
    span.setAttributes({ "webhook.duplicate": routing.isDuplicate, "webhook.route": routing.handler ?? "none" });
    return routing;
  });
}
