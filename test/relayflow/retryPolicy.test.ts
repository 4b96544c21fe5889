/** The rules of retrying and routing, as tables. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  MAX_RETRY_DELAY_MS,
  nextStep,
  readRetryPolicy,
  resultOfStatus,
} from "../../examples/relayflow/convex/model/retryPolicy.js";
import { handlerFor } from "../../examples/relayflow/convex/model/routes.js";

const POLICY = { maxAttempts: 4, baseDelayMs: 1000 };

describe("nextStep", () => {
  it.each([
    ["the first failure, full jitter", 1, 1, { kind: "retry", delayMs: 1000 }],
    ["the first failure, no jitter", 1, 0, { kind: "retry", delayMs: 500 }],
    ["the second failure", 2, 1, { kind: "retry", delayMs: 2000 }],
    ["the third failure", 3, 1, { kind: "retry", delayMs: 4000 }],
    ["the last attempt", 4, 1, { kind: "give_up", reason: "max_retries" }],
    ["an attempt beyond the last", 9, 1, { kind: "give_up", reason: "max_retries" }],
  ])("after %s", (_, attempt, jitter, expected) => {
    expect(nextStep(true, attempt, POLICY, jitter)).toEqual(expected);
  });

  it("gives up at once where another try would not help", () => {
    expect(nextStep(false, 1, POLICY, 0.5)).toEqual({ kind: "give_up", reason: "non_retryable" });
  });

  it("never waits longer than the limit, and always comes to an end", () => {
    const attempts = fc.integer({ min: 1, max: 200 });
    const jitters = fc.double({ min: 0, max: 1, noNaN: true });
    fc.assert(
      fc.property(attempts, jitters, (attempt, jitter) => {
        const next = nextStep(true, attempt, { maxAttempts: 100, baseDelayMs: 250 }, jitter);
        if (attempt >= 100) expect(next.kind).toBe("give_up");
        else expect(next).toSatisfy(isWithinLimit);
      }),
      { seed: 1, numRuns: 300 },
    );
  });
});

function isWithinLimit(next: ReturnType<typeof nextStep>): boolean {
  return next.kind === "retry" && next.delayMs >= 125 && next.delayMs <= MAX_RETRY_DELAY_MS;
}

describe("resultOfStatus", () => {
  it.each([
    [200, { kind: "succeeded" }],
    [204, { kind: "succeeded" }],
    [301, { kind: "failed", retryable: false, detail: "HTTP 301" }],
    [400, { kind: "failed", retryable: false, detail: "HTTP 400" }],
    [404, { kind: "failed", retryable: false, detail: "HTTP 404" }],
    [408, { kind: "failed", retryable: true, detail: "HTTP 408" }],
    [422, { kind: "failed", retryable: false, detail: "HTTP 422" }],
    [429, { kind: "failed", retryable: true, detail: "HTTP 429" }],
    [500, { kind: "failed", retryable: true, detail: "HTTP 500" }],
    [503, { kind: "failed", retryable: true, detail: "HTTP 503" }],
  ])("reads %i", (status, expected) => {
    expect(resultOfStatus(status)).toEqual(expected);
  });
});

describe("readRetryPolicy", () => {
  it.each([
    ["both", "3", "50", { maxAttempts: 3, baseDelayMs: 50 }],
    ["nothing", undefined, undefined, { maxAttempts: 5, baseDelayMs: 1000 }],
    ["empty texts", "", "", { maxAttempts: 5, baseDelayMs: 1000 }],
    ["no numbers", "many", "soon", { maxAttempts: 5, baseDelayMs: 1000 }],
    ["numbers that make no sense", "0", "-1", { maxAttempts: 5, baseDelayMs: 1000 }],
    ["forever", "Infinity", "Infinity", { maxAttempts: 5, baseDelayMs: 1000 }],
  ])("reads %s", (_, attempts, base, expected) => {
    expect(readRetryPolicy(attempts, base)).toEqual(expected);
  });
});

describe("handlerFor", () => {
  it.each([
    ["invoice.paid", "record-payment"],
    ["checkout.session.completed", "fulfill-order"],
    ["customer.created", undefined],
    ["constructor", undefined],
    ["__proto__", undefined],
    ["", undefined],
  ])("%s", (eventType, handler) => {
    expect(handlerFor(eventType)).toBe(handler);
  });
});
