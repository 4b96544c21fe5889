/** The pipeline of the example, from a signed request to the last attempt. */
import { existsSync, readFileSync } from "node:fs";
import { afterEach, describe, expect, it, vi } from "vitest";
import { stripeBody, stripeSignature } from "../../examples/relayflow/demo/stripe.js";
import { deliver, documents, finish, functions, startApp, stopApp, stubOutside, TABLES, type App } from "./app.js";

afterEach(stopApp);

async function counts(t: App): Promise<readonly number[]> {
  return await Promise.all(TABLES.map(async (table) => (await documents(t, table)).length));
}

async function deadLetteredApp(): Promise<{ t: App; deadLetterId: unknown }> {
  const t = await startApp();
  stubOutside(422);
  await deliver(t, await stripeBody("invoicePaid", "evt_1"));
  await finish(t);
  const [letter] = await documents(t, "deadLetters");
  return { t, deadLetterId: letter?.["_id"] };
}

describe("receiving", () => {
  it("stores the payload as it came and hands the event to the target", async () => {
    const t = await startApp();
    const { requests } = stubOutside(200);
    const body = await stripeBody("invoicePaid", "evt_1");
    expect(await deliver(t, body)).toEqual({ status: 200, outcome: "processed" });
    await finish(t);
    const [delivery] = await documents(t, "webhookDeliveries");
    const [task] = await documents(t, "automationTasks");
    expect(delivery).toMatchObject({ provider: "stripe", deliveryId: "evt_1", payload: body });
    expect(task).toMatchObject({ handler: "record-payment", status: "succeeded", attempts: 1 });
    expect(requests).toMatchObject([
      { url: "https://target.test/hooks/record-payment", idempotencyKey: task?.["_id"] },
    ]);
  });

  it("does the work of an event once, however often it is delivered", async () => {
    const t = await startApp();
    const { requests } = stubOutside(200);
    const body = await stripeBody("invoicePaid", "evt_1");
    await deliver(t, body);
    expect(await deliver(t, body)).toEqual({ status: 200, outcome: "duplicate" });
    await finish(t);
    expect(await deliver(t, body)).toEqual({ status: 200, outcome: "duplicate" });
    await finish(t);
    expect(await counts(t)).toEqual([1, 1, 1, 0]);
    expect(requests).toHaveLength(1);
  });

  it.each([
    ["another secret", (body: string) => stripeSignature(body, "whsec_forged")],
    ["another body", () => stripeSignature("{}", "whsec_test")],
    ["an old signature", (body: string) => stripeSignature(body, "whsec_test", Date.now() - 301_000)],
    ["no signature", () => ""],
  ])("refuses %s with 401 and stores nothing", async (_, sign) => {
    const t = await startApp();
    const body = await stripeBody("invoicePaid", "evt_1");
    expect(await deliver(t, body, sign(body))).toEqual({ status: 401, outcome: "rejected" });
    expect(await counts(t)).toEqual([0, 0, 0, 0]);
  });

  it("stores events nobody asked for, and does nothing about them", async () => {
    const t = await startApp();
    const event = JSON.parse(await stripeBody("invoicePaid", "evt_1")) as object;
    const body = JSON.stringify({ ...event, type: "customer.created" });
    expect(await deliver(t, body)).toEqual({ status: 200, outcome: "ignored" });
    expect(await counts(t)).toEqual([1, 0, 0, 0]);
  });

  it("keeps a genuine payload that it does not understand, and answers 200 so that it does not come again", async () => {
    const t = await startApp();
    expect(await deliver(t, '{"id":"evt_1"}')).toEqual({ status: 200, outcome: "dead_lettered" });
    expect(await documents(t, "deadLetters")).toMatchObject([
      { reason: "validation", attempts: 0, detail: "no id or type" },
    ]);
    expect(await counts(t)).toEqual([1, 0, 0, 1]);
  });

  it("fails loudly without a secret", async () => {
    const t = await startApp();
    vi.stubEnv("STRIPE_WEBHOOK_SECRET", "");
    await expect(deliver(t, "{}")).rejects.toThrow("STRIPE_WEBHOOK_SECRET is not set");
  });
});

describe("attempts", () => {
  it.each([
    ["an error of the target", 503],
    ["a target that is down", "down"],
    ["too many requests", 429],
  ] as const)("tries again after %s, later each time", async (_, failure) => {
    const t = await startApp();
    const { requests } = stubOutside(failure, failure, 200);
    await deliver(t, await stripeBody("paymentSucceeded", "evt_1"));
    await finish(t);
    expect(await documents(t, "automationTasks")).toMatchObject([{ status: "succeeded", attempts: 3 }]);
    const [first = 0, second = 0, third = 0] = requests.map(({ at }) => at);
    expect(second - first).toBeGreaterThanOrEqual(500);
    expect(second - first).toBeLessThanOrEqual(1001);
    expect(third - second).toBeGreaterThanOrEqual(1000);
    expect(third - second).toBeLessThanOrEqual(2001);
    expect(new Set(requests.map(({ idempotencyKey }) => idempotencyKey)).size).toBe(1);
  });

  it("gives up after the last attempt, with reason and count", async () => {
    const t = await startApp();
    const { requests } = stubOutside(503);
    await deliver(t, await stripeBody("checkoutCompleted", "evt_1"));
    await finish(t);
    expect(requests).toHaveLength(3);
    expect(await documents(t, "automationTasks")).toMatchObject([{ status: "dead_lettered", attempts: 3 }]);
    expect(await documents(t, "deadLetters")).toMatchObject([
      { reason: "max_retries", attempts: 3, detail: "HTTP 503" },
    ]);
  });

  it("gives up at once where the request itself is wrong", async () => {
    const { t } = await deadLetteredApp();
    expect(await documents(t, "deadLetters")).toMatchObject([
      { reason: "non_retryable", attempts: 1, detail: "HTTP 422" },
    ]);
  });

  it("counts a report of an attempt once", async () => {
    const t = await startApp();
    stubOutside(200);
    await deliver(t, await stripeBody("invoicePaid", "evt_1"));
    const [task] = await documents(t, "automationTasks");
    const report = { taskId: task?.["_id"], attempt: 1, result: { kind: "failed", retryable: true, detail: "late" } };
    expect(await t.mutation(functions.settle, report)).toBe("retry_scheduled");
    expect(await t.mutation(functions.settle, report)).toBe("obsolete");
    await finish(t);
    expect(await t.mutation(functions.settle, { ...report, attempt: 2 })).toBe("obsolete");
  });

  it("counts an attempt that died as a failed one", async () => {
    const t = await startApp();
    stubOutside(200);
    await deliver(t, await stripeBody("invoicePaid", "evt_1"));
    await t.run(async (ctx) => {
      for (const job of await ctx.db.system.query("_scheduled_functions").collect())
        await ctx.scheduler.cancel(job._id);
    });
    vi.setSystemTime(Date.now() + 9 * 60_000);
    await t.mutation(functions.settleStalled, {});
    expect(await documents(t, "automationTasks")).toMatchObject([{ status: "pending", attempts: 0 }]);
    vi.setSystemTime(Date.now() + 2 * 60_000);
    await t.mutation(functions.settleStalled, {});
    await finish(t);
    expect(await documents(t, "automationTasks")).toMatchObject([
      { status: "succeeded", attempts: 2, lastError: "the attempt did not report back" },
    ]);
  });
});

describe("replaying a dead letter", () => {
  it("starts again from the first attempt, once", async () => {
    const { t, deadLetterId } = await deadLetteredApp();
    stubOutside(503, 200);
    await t.mutation(functions.replay, { deadLetterId });
    await finish(t);
    expect(await documents(t, "automationTasks")).toMatchObject([{ status: "succeeded", attempts: 2 }]);
    expect(await documents(t, "deadLetters")).toMatchObject([{ replayedAt: expect.any(Number) as number }]);
    await expect(t.mutation(functions.replay, { deadLetterId })).rejects.toThrow("replayed before");
  });

  it("refuses what never became a task", async () => {
    const t = await startApp();
    await deliver(t, "{}");
    const [letter] = await documents(t, "deadLetters");
    await expect(t.mutation(functions.replay, { deadLetterId: letter?.["_id"] })).rejects.toThrow("no task");
  });
});

describe("listing tasks", () => {
  it("shows those of a status, newest first, as many as asked for", async () => {
    const t = await startApp();
    stubOutside(200, 422, 200, 200);
    for (const id of ["evt_1", "evt_2", "evt_3", "evt_4"]) {
      await deliver(t, await stripeBody("invoicePaid", id));
      await finish(t);
    }
    const ids = (await documents(t, "automationTasks")).map(({ _id }) => _id);
    const list = async (args: object) =>
      ((await t.query(functions.list, args)) as { _id: string }[]).map(({ _id }) => _id);
    expect(await list({ status: "succeeded" })).toEqual([ids[3], ids[2], ids[0]]);
    expect(await list({ status: "succeeded", limit: 1 })).toEqual([ids[3]]);
    expect(await list({ status: "dead_lettered" })).toEqual([ids[1]]);
    expect(await list({ status: "pending" })).toEqual([]);
  });
});

/** Bodies as Stripe documents them, where they are at hand; the project does not need them. */
const REAL_BODIES = "../shared/data/webhooks/stripe-events.json";

describe.skipIf(!existsSync(REAL_BODIES))("real bodies", () => {
  const bodies = existsSync(REAL_BODIES) ? (JSON.parse(readFileSync(REAL_BODIES, "utf8")) as { type: string }[]) : [];

  it.each(bodies.map((body) => [body.type, JSON.stringify(body)] as const))("%s passes through", async (type, body) => {
    const t = await startApp();
    const { requests } = stubOutside(200);
    expect(await deliver(t, body)).toEqual({ status: 200, outcome: "processed" });
    await finish(t);
    expect(await documents(t, "webhookDeliveries")).toMatchObject([{ payload: body }]);
    expect(await documents(t, "events")).toMatchObject([{ providerEventType: type }]);
    expect(await documents(t, "automationTasks")).toMatchObject([{ status: "succeeded", attempts: 1 }]);
    expect(requests).toHaveLength(1);
  });
});
