/** Plays Stripe: bodies as Stripe sends them, signed as Stripe signs them. */
import { createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";

/** Any secret will do: both sides of the demo use it. */
export const SIGNING_SECRET = "whsec_relayflow_demo";

/** The bodies of the demo: files in `events/`. */
export type EventName = "invoicePaid" | "paymentSucceeded" | "checkoutCompleted" | "chargeRefunded";

/** Reads a body and gives its event an id of its own, so that each run can be told from the one before. */
export async function stripeBody(name: EventName, eventId: string): Promise<string> {
  const text = await readFile(new URL(`events/${name}.json`, import.meta.url), "utf8");
  const event: unknown = JSON.parse(text);
  return JSON.stringify({ ...(event as object), id: eventId });
}

/** Makes a `Stripe-Signature` header: https://docs.stripe.com/webhooks#verify-manually */
export function stripeSignature(body: string, secret: string = SIGNING_SECRET, nowMs: number = Date.now()): string {
  const timestamp = Math.floor(nowMs / 1000);
  const signature = createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex");
  return `t=${timestamp},v1=${signature}`;
}
