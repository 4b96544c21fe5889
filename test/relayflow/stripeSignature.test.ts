/** The signature check of the example: Stripe's scheme, including what a forger would try. */
import { createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  SIGNATURE_TOLERANCE_S,
  verifyStripeSignature,
  type SignatureVerdict,
} from "../../examples/relayflow/convex/model/stripeSignature.js";
import { stripeSignature } from "../../examples/relayflow/demo/stripe.js";

const SECRET = "whsec_test";
const BODY = '{"id":"evt_1","type":"invoice.paid"}';
const SIGNED_AT = 1_767_225_600;

const hmac = (text: string, secret = SECRET) => createHmac("sha256", secret).update(text).digest("hex");
const GOOD = hmac(`${SIGNED_AT}.${BODY}`);
const OLD_SECRET = hmac(`${SIGNED_AT}.${BODY}`, "whsec_before");

function verify(header: string | null, { payload = BODY, ageS = 0 } = {}): Promise<SignatureVerdict> {
  return verifyStripeSignature({ payload, header, secret: SECRET, nowMs: (SIGNED_AT + ageS) * 1000 });
}

describe("verifyStripeSignature", () => {
  it.each([
    ["one signature", `t=${SIGNED_AT},v1=${GOOD}`],
    ["two signatures while a secret is rolled, ours last", `t=${SIGNED_AT},v1=${OLD_SECRET},v1=${GOOD}`],
    ["two signatures, ours first", `t=${SIGNED_AT},v1=${GOOD},v1=${OLD_SECRET}`],
    ["a test-mode signature besides", `t=${SIGNED_AT},v1=${GOOD},v0=${OLD_SECRET}`],
    ["blanks after the commas", `t=${SIGNED_AT}, v1=${GOOD}`],
  ])("accepts %s", async (_, header) => {
    expect(await verify(header)).toEqual({ valid: true, skewS: 0 });
  });

  it.each([
    ["no header", null, "missing"],
    ["an empty header", "", "malformed"],
    ["no timestamp", `v1=${GOOD}`, "malformed"],
    ["a timestamp that is no number", `t=now,v1=${GOOD}`, "malformed"],
    ["a negative timestamp", `t=-5,v1=${GOOD}`, "malformed"],
    ["no signature of the scheme", `t=${SIGNED_AT},v0=${GOOD}`, "malformed"],
    ["an empty signature", `t=${SIGNED_AT},v1=`, "malformed"],
    ["another secret", `t=${SIGNED_AT},v1=${OLD_SECRET}`, "mismatch"],
    ["another timestamp", `t=${SIGNED_AT + 1},v1=${GOOD}`, "mismatch"],
    ["a signature cut short", `t=${SIGNED_AT},v1=${GOOD.slice(0, -1)}`, "mismatch"],
    ["a signature with more behind it", `t=${SIGNED_AT},v1=${GOOD}0`, "mismatch"],
    ["a signature in upper case", `t=${SIGNED_AT},v1=${GOOD.toUpperCase()}`, "mismatch"],
  ])("refuses %s", async (_, header, reason) => {
    expect(await verify(header)).toMatchObject({ valid: false, reason });
  });

  it.each([
    ["the oldest allowed", SIGNATURE_TOLERANCE_S, true],
    ["one second older", SIGNATURE_TOLERANCE_S + 1, false],
    ["from the near future", -SIGNATURE_TOLERANCE_S, true],
    ["from too far ahead", -SIGNATURE_TOLERANCE_S - 1, false],
  ])("minds the age: %s", async (_, ageS, valid) => {
    const verdict = await verify(`t=${SIGNED_AT},v1=${GOOD}`, { ageS });
    expect(verdict).toEqual(valid ? { valid, skewS: ageS } : { valid, skewS: ageS, reason: "expired" });
  });

  it("says mismatch, not expired, to someone without the secret", async () => {
    const verdict = await verify(`t=${SIGNED_AT},v1=${OLD_SECRET}`, { ageS: 9_999 });
    expect(verdict).toMatchObject({ reason: "mismatch" });
  });

  it("agrees with an independent implementation on any body and secret", async () => {
    const secrets = fc.string({ minLength: 1, unit: "binary" });
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary" }), secrets, async (payload, secret) => {
        const header = stripeSignature(payload, secret, SIGNED_AT * 1000);
        const verdict = await verifyStripeSignature({ payload, header, secret, nowMs: SIGNED_AT * 1000 });
        expect(verdict.valid).toBe(true);
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it("refuses a body in which anything was added or changed", async () => {
    const changes = fc.tuple(fc.nat(BODY.length - 1), fc.string({ minLength: 1, maxLength: 3 }));
    await fc.assert(
      fc.asyncProperty(changes, async ([at, text]) => {
        const payload = BODY.slice(0, at) + text + BODY.slice(at + 1);
        fc.pre(payload !== BODY);
        expect(await verify(`t=${SIGNED_AT},v1=${GOOD}`, { payload })).toMatchObject({ reason: "mismatch" });
      }),
      { seed: 1, numRuns: 100 },
    );
  });

  it("never throws, whatever the header is", async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary" }), async (header) => {
        expect((await verify(header)).valid).toBe(false);
      }),
      { seed: 1, numRuns: 200 },
    );
  });
});
