/** The correlation id: what is accepted from outside, and that what we make is always acceptable. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  CORRELATION_BAGGAGE_KEY,
  CORRELATION_HEADER,
  isValidCorrelationId,
  seedCorrelationId,
} from "../../src/propagation/index.js";
import { anything, runs } from "./arbitraries.js";

const UUID = "5f1c2f0e-3b7a-4a57-9d3c-0c6d2d2f7a11";

describe("names", () => {
  it("are those that other systems know", () => {
    expect(CORRELATION_HEADER).toBe("x-correlation-id");
    expect(CORRELATION_BAGGAGE_KEY).toBe("correlation.id");
  });
});

describe("isValidCorrelationId", () => {
  it.each([
    ["evt_1NG8Du2eZvKYlo2C", true],
    ["a", true],
    ["A-Z.a_z:0-9", true],
    ["x".repeat(128), true],
    ["x".repeat(129), false],
    ["", false],
    ["two words", false],
    ["a,b", false],
    ["a\n", false],
    ["\na", false],
    ["a/b", false],
    ["é", false],
    ["a\u0000", false],
    [undefined, false],
    [null, false],
    [7, false],
    [["a"], false],
  ])("%j: %s", (value, expected) => {
    expect(isValidCorrelationId(value)).toBe(expected);
  });

  it("agrees with the documented pattern", () => {
    fc.assert(
      fc.property(anything, (value) => {
        const expected = typeof value === "string" && /^[A-Za-z0-9._:\-]{1,128}$/.test(value);
        expect(isValidCorrelationId(value)).toBe(expected);
      }),
      runs,
    );
  });
});

describe("seedCorrelationId", () => {
  it.each([
    ["delivery id", { deliveryId: "evt_1", provider: "stripe", eventType: "charge", uuid: UUID }, "evt_1"],
    ["no delivery id", { provider: "stripe", eventType: "invoice.paid", uuid: UUID }, `stripe:invoice.paid:${UUID}`],
    ["null", { deliveryId: null, provider: null, eventType: null, uuid: UUID }, UUID],
    ["invalid delivery id", { deliveryId: "a b", provider: "p", eventType: "e", uuid: UUID }, `p:e:${UUID}`],
    ["too long delivery id", { deliveryId: "x".repeat(129), provider: "p", uuid: UUID }, `p:${UUID}`],
    ["empty delivery id", { deliveryId: "", eventType: "e", uuid: UUID }, `e:${UUID}`],
    ["only a uuid", { uuid: UUID }, UUID],
    ["illegal characters", { provider: "my shop/é🌍", eventType: "a,b", uuid: UUID }, `my-shop---:a-b:${UUID}`],
    ["illegal uuid", { provider: "p", uuid: "a b" }, "p:a-b"],
    ["empty uuid", { provider: "p", uuid: "" }, "p:-"],
    ["nothing at all", { uuid: "" }, "-"],
  ])("%s", (_, seed, expected) => {
    expect(seedCorrelationId(seed)).toBe(expected);
  });

  it("cuts what comes before the uuid", () => {
    const id = seedCorrelationId({ provider: "p".repeat(60), eventType: "e".repeat(60), uuid: UUID });
    expect(id).toBe(`${"p".repeat(60)}:${"e".repeat(30)}:${UUID}`);
    expect(id).toHaveLength(128);
  });

  it("cuts the uuid only if it alone is too long", () => {
    expect(seedCorrelationId({ provider: "p", uuid: "u".repeat(127) })).toBe("u".repeat(127));
    expect(seedCorrelationId({ provider: "p", uuid: "u".repeat(200) })).toBe("u".repeat(128));
  });

  it("always makes a valid id, and keeps a usual uuid whole", () => {
    const name = fc.option(fc.string({ unit: "binary", maxLength: 200 }), { nil: undefined });
    fc.assert(
      fc.property(name, name, name, fc.oneof(fc.uuid(), fc.string({ unit: "binary" })), (...parts) => {
        const [deliveryId, provider, eventType, uuid] = parts;
        const id = seedCorrelationId({ deliveryId, provider, eventType, uuid });
        expect(isValidCorrelationId(id)).toBe(true);
        if (!isValidCorrelationId(deliveryId) && isValidCorrelationId(uuid)) expect(id.endsWith(uuid)).toBe(true);
      }),
      runs,
    );
  });
});
