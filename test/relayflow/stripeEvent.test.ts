/** From Stripe's payloads to canonical events, and what is said about those that are none. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { normalizeStripeEvent, readStripeEnvelope } from "../../examples/relayflow/convex/model/stripeEvent.js";
import { stripeBody } from "../../examples/relayflow/demo/stripe.js";

const envelope = { id: "evt_1", type: "invoice.paid", created: 1_767_225_600, livemode: true };

function normalizeObject(object: object): unknown {
  const result = normalizeStripeEvent(JSON.stringify({ ...envelope, data: { object } }));
  return result.ok ? result.event : result.problem;
}

describe("normalizeStripeEvent", () => {
  it("takes from an invoice what the rest of the app needs", async () => {
    expect(normalizeStripeEvent(await stripeBody("invoicePaid", "evt_7"))).toEqual({
      ok: true,
      event: {
        provider: "stripe",
        providerEventId: "evt_7",
        providerEventType: "invoice.paid",
        occurredAt: 1_767_225_600_000,
        livemode: false,
        subject: { kind: "invoice", id: "in_example_1" },
        money: { amount: 4900, currency: "usd" },
        customerId: "cus_example_1",
      },
    });
  });

  it.each([
    ["amount_paid before amount", { amount_paid: 5, amount: 7, currency: "usd" }, { amount: 5, currency: "usd" }],
    ["amount_total of a session", { amount_total: 9, currency: "eur" }, { amount: 9, currency: "eur" }],
    ["nothing paid", { amount_paid: 0, currency: "usd" }, { amount: 0, currency: "usd" }],
    ["no currency", { amount: 5, currency: null }, undefined],
    ["no amount", { currency: "usd" }, undefined],
  ])("reads money: %s", (_, object, money) => {
    expect(normalizeObject(object)).toEqual(expect.objectContaining(money === undefined ? {} : { money }));
    if (money === undefined) expect(normalizeObject(object)).not.toHaveProperty("money");
  });

  it.each([
    ["an id", "cus_1", "cus_1"],
    ["an expanded customer", { id: "cus_2", object: "customer" }, "cus_2"],
    ["none", null, undefined],
  ])("reads the customer: %s", (_, customer, customerId) => {
    expect((normalizeObject({ customer }) as { customerId?: string }).customerId).toBe(customerId);
  });

  it.each([
    ["no JSON", "invoice.paid", "not a JSON object"],
    ["an array", "[]", "not a JSON object"],
    ["null", "null", "not a JSON object"],
    ["no id", JSON.stringify({ ...envelope, id: undefined }), "no id or type"],
    ["a type that is no text", JSON.stringify({ ...envelope, type: 5 }), "no id or type"],
    ["no time", JSON.stringify({ ...envelope, created: "yesterday" }), "no creation time"],
    ["no data", JSON.stringify(envelope), "no data.object"],
    ["an object that is none", JSON.stringify({ ...envelope, data: { object: [] } }), "no data.object"],
  ])("says what is wrong: %s", (_, payload, problem) => {
    expect(normalizeStripeEvent(payload)).toEqual({ ok: false, problem });
  });

  it("never throws, and always says the same about the same payload", () => {
    const payloads = fc.oneof(
      fc.string(),
      fc.json(),
      fc.object().map((data) => JSON.stringify({ ...envelope, data })),
    );
    fc.assert(
      fc.property(payloads, (payload) => {
        expect(normalizeStripeEvent(payload)).toEqual(normalizeStripeEvent(payload));
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});

describe("readStripeEnvelope", () => {
  it.each([
    ["a whole event", JSON.stringify(envelope), { id: "evt_1", type: "invoice.paid" }],
    ["an id alone", '{"id":"evt_1","type":7}', { id: "evt_1" }],
    ["no JSON", "oops", {}],
    ["null", "null", {}],
  ])("reads %s", (_, payload, expected) => {
    expect(readStripeEnvelope(payload)).toEqual(expected);
  });
});
