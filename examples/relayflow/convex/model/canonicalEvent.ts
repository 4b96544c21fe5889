/**
 * The one shape of event the rest of the app knows, whoever sent it. A second provider needs a second normalizer and
 * nothing else.
 */
import { v, type ObjectType } from "convex/values";

/** The fields of {@link CanonicalEvent} as validators: the table of events is made of them. */
export const canonicalEventFields = {
  provider: v.literal("stripe"),
  /** The sender's own id: what makes a second delivery of the same event a duplicate. */
  providerEventId: v.string(),
  /** The sender's own name of the event, such as `invoice.paid`. */
  providerEventType: v.string(),
  /** When it happened, in milliseconds since the Unix epoch. */
  occurredAt: v.number(),
  livemode: v.boolean(),
  /** What it happened to: an invoice, a charge, … */
  subject: v.object({ kind: v.string(), id: v.string() }),
  /** In the smallest unit of the currency: cents for `usd`. */
  money: v.optional(v.object({ amount: v.number(), currency: v.string() })),
  customerId: v.optional(v.string()),
};

/** An event that happened at a provider. */
export type CanonicalEvent = ObjectType<typeof canonicalEventFields>;
