/**
 * Where webhooks arrive. Only what must happen before the answer happens here: check the signature, and hand the
 * payload to one transaction. Whatever else goes wrong later is retried by us, not by Stripe.
 */
import { injectCarrier, seedCorrelationId, setAttributes, setCorrelationId, withSpan } from "convex-otel";
import { internal } from "./_generated/api";
import { readStripeEnvelope } from "./model/stripeEvent";
import { verifyStripeSignature, type SignatureVerdict } from "./model/stripeSignature";
import { httpAction } from "./otel";

/** POST /webhooks/stripe */
export const receiveStripe = httpAction(async (ctx, request) => {
  setAttributes({ "webhook.provider": "stripe" });
  const payload = await request.text();
  const verdict = await verify(payload, request.headers.get("stripe-signature"));
  if (!verdict.valid) return answer(401, "rejected");

  const { id, type } = readStripeEnvelope(payload);
  // From here on every span of this webhook carries the id under which Stripe's dashboard knows it.
  const seed = { provider: "stripe", eventType: type, deliveryId: id, uuid: crypto.randomUUID() };
  setCorrelationId(seedCorrelationId(seed));
  // Kept with the delivery, so that a replay can link to this trace.
  const { traceparent } = injectCarrier();
  const trace = traceparent === undefined ? {} : { traceparent };
  const outcome = await ctx.runMutation(internal.pipeline.receive, { payload, ...trace });
  return answer(200, outcome);
});

/** A refusal is an error of the check, not of the server: the request's own span stays unset, as for any 4xx. */
async function verify(payload: string, header: string | null): Promise<SignatureVerdict> {
  const { STRIPE_WEBHOOK_SECRET: secret } = process.env;
  if (!secret)
    throw new Error("STRIPE_WEBHOOK_SECRET is not set. Run: npx convex env set STRIPE_WEBHOOK_SECRET whsec_…");
  const attributes = { "webhook.signature.algorithm": "hmac-sha256" };
  return await withSpan("webhook verify", { attributes }, async (span) => {
    const verdict = await verifyStripeSignature({ payload, header, secret, nowMs: Date.now() });
    span.setAttributes({ "webhook.signature.valid": verdict.valid, "webhook.timestamp.skew": verdict.skewS });
    if (!verdict.valid) {
      span.setAttribute("webhook.signature.failure_reason", verdict.reason);
      span.setAttribute("error.type", `signature_${verdict.reason}`);
      span.setStatus({ code: 2 });
    }
    return verdict;
  });
}

function answer(status: number, outcome: string): Response {
  setAttributes({ "webhook.outcome": outcome });
  return new Response(JSON.stringify({ outcome }), { status, headers: { "content-type": "application/json" } });
}
