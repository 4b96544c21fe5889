/** Which event leads to which task. Data, so that a new automation is a new line. */

/** What is done about an event: the path under `RELAY_TARGET_URL` that is called. */
const HANDLERS: Readonly<Record<string, string>> = {
  "charge.refunded": "record-refund",
  "charge.succeeded": "record-payment",
  "checkout.session.completed": "fulfill-order",
  "customer.subscription.updated": "sync-subscription",
  "invoice.paid": "record-payment",
  "payment_intent.payment_failed": "notify-customer",
  "payment_intent.succeeded": "record-payment",
  "payout.failed": "alert-finance",
};

/** The handler of an event type, or undefined if nobody asked for it: most Stripe accounts send more than they need. */
export function handlerFor(eventType: string): string | undefined {
  // The type comes from outside: "constructor" must not find what every object inherits.
  return Object.hasOwn(HANDLERS, eventType) ? HANDLERS[eventType] : undefined;
}
