/** The traces of the cases that the demo does not show, and what tracing must not do to the app. */
import { afterEach, describe, expect, it } from "vitest";
import { stripeBody } from "../../examples/relayflow/demo/stripe.js";
import { spanTree } from "../../src/testing/spanTree.js";
import { deliver, documents, finish, functions, startApp, stopApp, stubOutside, traceApp } from "./app.js";
import { WEBHOOK_TREE } from "./trees.js";

afterEach(stopApp);

const SHOWN = ["webhook.outcome", "webhook.duplicate", "dlq.reason", "dlq.retry_count"];

describe("traces", () => {
  it("a webhook that is delivered at the first attempt", async () => {
    const t = await startApp();
    traceApp();
    const { spans } = stubOutside(200);
    await deliver(t, await stripeBody("invoicePaid", "evt_1"));
    await finish(t);
    expect(`\n${spanTree(spans)}\n`).toBe(WEBHOOK_TREE);
  });

  it("a payload that is genuine but not understood", async () => {
    const t = await startApp();
    traceApp();
    const { spans } = stubOutside(200);
    await deliver(t, '{"id":"evt_1"}');
    await finish(t);
    expect(`\n${spanTree(spans, { attributes: SHOWN })}\n`).toMatchInlineSnapshot(`
      "
      POST /webhooks/stripe [server] {webhook.outcome=dead_lettered}
      ├─ webhook verify
      └─ pipeline:receive [client]
         └─ pipeline:receive [server]
            ├─ webhook normalize
            │    ! error: validation
            ├─ insert webhookDeliveries [client]
            └─ webhook dead_letter [producer] {dlq.reason=validation dlq.retry_count=0}
               └─ insert deadLetters [client]
      "
    `);
  });

  it("a delivery that comes a second time", async () => {
    const t = await startApp();
    const { spans } = stubOutside(200);
    const body = await stripeBody("invoicePaid", "evt_1");
    await deliver(t, body);
    await finish(t);
    traceApp();
    await deliver(t, body);
    await finish(t);
    expect(`\n${spanTree(spans, { attributes: SHOWN })}\n`).toMatchInlineSnapshot(`
      "
      POST /webhooks/stripe [server] {webhook.outcome=duplicate}
      ├─ webhook verify
      └─ pipeline:receive [client]
         └─ pipeline:receive [server]
            ├─ webhook normalize
            └─ webhook route {webhook.duplicate=true}
               └─ query webhookDeliveries [client]
      "
    `);
  });

  it("a request that is wrong is given up at once", async () => {
    const t = await startApp();
    traceApp();
    const { spans } = stubOutside(422);
    await deliver(t, await stripeBody("invoicePaid", "evt_1"));
    await finish(t);
    expect(`\n${spanTree(spans, { attributes: SHOWN })}\n`).toMatchInlineSnapshot(`
      "
      POST /webhooks/stripe [server] {webhook.outcome=processed}
      ├─ webhook verify
      └─ pipeline:receive [client]
         └─ pipeline:receive [server]
            ├─ webhook normalize
            ├─ webhook route {webhook.duplicate=false}
            │  └─ query webhookDeliveries [client]
            ├─ insert webhookDeliveries [client]
            ├─ insert events [client]
            ├─ insert automationTasks [client]
            └─ schedule tasks:executeTask [producer]
               └─ process tasks:executeTask [consumer] {webhook.outcome=dead_lettered}
                  │ ! error: dead_lettered
                  ├─ tasks:load [client]
                  ├─ POST [client]
                  │    ! error: 422
                  └─ tasks:settle [client]
                     └─ tasks:settle [server]
                        ├─ get automationTasks [client]
                        ├─ patch automationTasks [client]
                        └─ webhook dead_letter [producer] {dlq.reason=non_retryable dlq.retry_count=0}
                           └─ insert deadLetters [client]
      "
    `);
  });

  it("a replay is a trace of its own, with a link to the delivery and its correlation id", async () => {
    const t = await startApp();
    traceApp();
    const { spans } = stubOutside(422, 200);
    await deliver(t, await stripeBody("invoicePaid", "evt_1"));
    await finish(t);
    const received = spans.find(({ name }) => name === "POST /webhooks/stripe");
    const [letter] = await documents(t, "deadLetters");
    spans.length = 0;
    await t.mutation(functions.replay, { deadLetterId: letter?.["_id"] });
    await finish(t);
    expect(`\n${spanTree([...spans], { attributes: SHOWN }).replace(/link to \w+\/\w+/, "link to (delivery)")}\n`)
      .toMatchInlineSnapshot(`
      "
      deadLetters:replay [server]
      │ ~ link to (delivery)
      ├─ get deadLetters [client]
      ├─ get webhookDeliveries [client]
      ├─ patch deadLetters [client]
      ├─ patch automationTasks [client]
      └─ schedule tasks:executeTask [producer]
         └─ process tasks:executeTask [consumer] {webhook.outcome=processed}
            ├─ tasks:load [client]
            ├─ POST [client]
            └─ tasks:settle [client]
               └─ tasks:settle [server]
                  ├─ get automationTasks [client]
                  └─ patch automationTasks [client]
      "
    `);
    const [link] = spans.find(({ name }) => name === "deadLetters:replay")?.links ?? [];
    expect(link?.context).toMatchObject({ traceId: received?.traceId, spanId: received?.spanId });
    expect(new Set(spans.map(({ attributes }) => attributes["correlation.id"]))).toEqual(new Set(["evt_1"]));
    expect(spans.every(({ traceId }) => traceId !== received?.traceId)).toBe(true);
  });

  it("carry the attributes of the stages", async () => {
    const t = await startApp();
    traceApp();
    const { spans } = stubOutside("down", 200);
    const body = await stripeBody("invoicePaid", "evt_1");
    await deliver(t, body);
    await finish(t);
    const attributesOf = (name: string) => spans.filter((span) => span.name === name).map((span) => span.attributes);
    expect(attributesOf("POST /webhooks/stripe")).toMatchObject([
      { "webhook.provider": "stripe", "webhook.outcome": "processed", "http.route": "/webhooks/stripe" },
    ]);
    expect(attributesOf("webhook verify")).toMatchObject([
      {
        "webhook.signature.valid": true,
        "webhook.signature.algorithm": "hmac-sha256",
        "webhook.timestamp.skew": expect.any(Number) as number,
      },
    ]);
    expect(attributesOf("webhook normalize")).toMatchObject([
      { "webhook.event_type": "invoice.paid", "webhook.delivery_id": "evt_1", "webhook.payload.size": body.length },
    ]);
    expect(attributesOf("webhook route")).toMatchObject([
      { "webhook.route": "record-payment", "webhook.duplicate": false },
    ]);
    expect(attributesOf("process tasks:executeTask")).toMatchObject([
      { "webhook.handler": "record-payment", "webhook.retry_count": 0, "webhook.outcome": "retry_scheduled" },
      { "webhook.handler": "record-payment", "webhook.retry_count": 1, "webhook.outcome": "processed" },
    ]);
    expect(attributesOf("POST")).toMatchObject([
      { "url.full": "https://target.test/hooks/record-payment", "server.port": 443, "error.type": "TypeError" },
      { "http.response.status_code": 200, "http.request.resend_count": 1 },
    ]);
  });

  it("hold nothing of the payload but ids and types", async () => {
    const t = await startApp();
    traceApp();
    const { spans } = stubOutside(200);
    const event = JSON.parse(await stripeBody("invoicePaid", "evt_1")) as { data: { object: object } };
    Object.assign(event.data.object, { customer_email: "jenny@example.com" });
    await deliver(t, JSON.stringify(event));
    await finish(t);
    expect(spans.length).toBeGreaterThan(10);
    // An amount stands alone; the same digits within a time or an id are none.
    expect(JSON.stringify(spans)).not.toMatch(/jenny|\b4900\b|whsec|v1=/);
  });
});

describe("without an endpoint", () => {
  it("nothing is stored, scheduled or answered that would not be there without tracing", async () => {
    const t = await startApp();
    stubOutside(200);
    await deliver(t, await stripeBody("invoicePaid", "evt_1"));
    await finish(t);
    const jobs = await t.run(async (ctx) => await ctx.db.system.query("_scheduled_functions").collect());
    const [task] = await documents(t, "automationTasks");
    expect(jobs).toMatchObject([{ name: "tasks:executeTask", args: [{ taskId: task?.["_id"] }] }]);
    expect(Object.keys(jobs[0]?.args[0] as object)).toEqual(["taskId"]);
    expect((await documents(t, "webhookDeliveries"))[0]).not.toHaveProperty("traceparent");
  });
});
