/** The demo as a whole: what it prints is what a user will see, so the traces are stated as text. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { report } from "../../examples/relayflow/demo/report.js";
import { type DemoOptions, runDemo, type DemoResult } from "../../examples/relayflow/demo/runDemo.js";
import { spanTree } from "../../src/testing/spanTree.js";
import { startOtlpReceiver } from "../../src/testing/otlpReceiver.js";
import { runtime } from "../runtimes/runtime.js";
import { WEBHOOK_TREE_WITH_OUTCOMES } from "./trees.js";

const SHOWN = ["http.response.status_code", "webhook.outcome", "webhook.retry_count", "dlq.reason", "dlq.retry_count"];

describe("the demo", () => {
  let result: DemoResult;
  const progress: string[] = [];
  let end: () => Promise<void> = async () => undefined;

  /** The backends of this project. */
  async function backends(): Promise<Pick<DemoOptions, "start">> {
    if (runtime === "convex-test") return {};
    const { strictBackends } = await import("./bundledApp.js");
    const { start, close } = strictBackends();
    end = close;
    return { start };
  }

  beforeAll(async () => {
    const log = (line: string) => void progress.push(line);
    result = await runDemo({ runId: "test", measuredRounds: 3, log, ...(await backends()) });
  }, 60_000);

  afterAll(() => end());

  const tree = (event: string) => {
    const trace = result.traces.find(({ webhook }) => webhook.step.event === event);
    return `\n${spanTree(trace?.spans ?? [], { attributes: SHOWN })}\n`;
  };

  it("goes as expected", () => {
    expect(result.problems).toEqual([]);
  });

  it("traces a webhook that succeeds at once", () => {
    expect(tree("invoicePaid")).toBe(WEBHOOK_TREE_WITH_OUTCOMES);
  });

  it("keeps a retry in the trace of the attempt before it", () => {
    expect(tree("paymentSucceeded")).toMatchInlineSnapshot(`
      "
      POST /webhooks/stripe [server] {http.response.status_code=200 webhook.outcome=processed}
      ├─ webhook verify
      └─ pipeline:receive [client]
         └─ pipeline:receive [server]
            ├─ webhook normalize
            ├─ webhook route
            │  └─ query webhookDeliveries [client]
            ├─ insert webhookDeliveries [client]
            ├─ insert events [client]
            ├─ insert automationTasks [client]
            └─ schedule tasks:executeTask [producer]
               └─ process tasks:executeTask [consumer] {webhook.outcome=retry_scheduled webhook.retry_count=0}
                  ├─ tasks:load [client]
                  ├─ POST [client] {http.response.status_code=503}
                  │    ! error: 503
                  └─ tasks:settle [client]
                     └─ tasks:settle [server]
                        ├─ get automationTasks [client]
                        ├─ patch automationTasks [client]
                        └─ schedule tasks:executeTask [producer]
                           └─ process tasks:executeTask [consumer] {webhook.outcome=processed webhook.retry_count=1}
                              ├─ tasks:load [client]
                              ├─ POST [client] {http.response.status_code=200}
                              └─ tasks:settle [client]
                                 └─ tasks:settle [server]
                                    ├─ get automationTasks [client]
                                    └─ patch automationTasks [client]
      "
    `);
  });

  it("ends the trace of a dead letter with its reason and count", () => {
    expect(tree("checkoutCompleted")).toMatchInlineSnapshot(`
      "
      POST /webhooks/stripe [server] {http.response.status_code=200 webhook.outcome=processed}
      ├─ webhook verify
      └─ pipeline:receive [client]
         └─ pipeline:receive [server]
            ├─ webhook normalize
            ├─ webhook route
            │  └─ query webhookDeliveries [client]
            ├─ insert webhookDeliveries [client]
            ├─ insert events [client]
            ├─ insert automationTasks [client]
            └─ schedule tasks:executeTask [producer]
               └─ process tasks:executeTask [consumer] {webhook.outcome=retry_scheduled webhook.retry_count=0}
                  ├─ tasks:load [client]
                  ├─ POST [client] {http.response.status_code=503}
                  │    ! error: 503
                  └─ tasks:settle [client]
                     └─ tasks:settle [server]
                        ├─ get automationTasks [client]
                        ├─ patch automationTasks [client]
                        └─ schedule tasks:executeTask [producer]
                           └─ process tasks:executeTask [consumer] {webhook.outcome=retry_scheduled webhook.retry_count=1}
                              ├─ tasks:load [client]
                              ├─ POST [client] {http.response.status_code=503}
                              │    ! error: 503
                              └─ tasks:settle [client]
                                 └─ tasks:settle [server]
                                    ├─ get automationTasks [client]
                                    ├─ patch automationTasks [client]
                                    └─ schedule tasks:executeTask [producer]
                                       └─ process tasks:executeTask [consumer] {webhook.outcome=dead_lettered webhook.retry_count=2}
                                          │ ! error: dead_lettered
                                          ├─ tasks:load [client]
                                          ├─ POST [client] {http.response.status_code=503}
                                          │    ! error: 503
                                          └─ tasks:settle [client]
                                             └─ tasks:settle [server]
                                                ├─ get automationTasks [client]
                                                ├─ patch automationTasks [client]
                                                └─ webhook dead_letter [producer] {dlq.reason=max_retries dlq.retry_count=2}
                                                   └─ insert deadLetters [client]
      "
    `);
  });

  it("traces a refused webhook as an error of the check, not of the server", () => {
    expect(tree("chargeRefunded")).toMatchInlineSnapshot(`
      "
      POST /webhooks/stripe [server] {http.response.status_code=401 webhook.outcome=rejected}
      └─ webhook verify
           ! error: signature_mismatch
      "
    `);
  });

  it("gives all spans of a webhook its correlation id, and the answer too", () => {
    const ids = result.traces.map(({ correlationId }) => correlationId);
    expect(ids.slice(0, 3)).toEqual([
      "evt_invoicePaid_test",
      "evt_paymentSucceeded_test",
      "evt_checkoutCompleted_test",
    ]);
    // The body was not signed by Stripe: what it says names nothing.
    expect(ids[3]).toMatch(/^[0-9a-f-]{36}$/);
    const counted = result.traces.reduce((sum, { spans }) => sum + spans.length, 0);
    expect(counted).toBe(result.spans.length);
  });

  it.each(["comparison", "withoutOutbox"] as const)("finds the same with tracing off, and deliveries (%s)", (way) => {
    const { isEqual, documents, scheduledRuns, deliverRuns } = result[way];
    expect(isEqual).toBe(true);
    expect(documents.on).toBe(documents.off);
    expect(scheduledRuns.on - scheduledRuns.off).toBe(deliverRuns);
    expect(deliverRuns).toBeGreaterThan(0);
  });

  it("delivers with the outbox in fewer jobs and far fewer requests", () => {
    const { comparison, withoutOutbox } = result;
    expect(comparison.deliverRuns).toBeLessThan(withoutOutbox.deliverRuns);
    // One a second, and the scenario takes less than that. Without the outbox, every call sends for itself.
    expect(comparison.requests).toBeLessThanOrEqual(3);
    expect(withoutOutbox.requests).toBe(19);
    expect(result.run.outbox).toMatchObject({ pending: 0, delivered: result.spans.length, resent: 0, lastError: null });
  });

  it("shows its progress", () => {
    expect(progress.join("\n")).toMatch(/paymentSucceeded[^]*→ 503[^]*→ 200/);
    // Before or after the first attempt: the answer waits for neither.
    expect(progress.filter((line) => line.includes("answered 200 processed"))).toHaveLength(3);
  });

  it("prints a waterfall for each webhook, the table and the verdict", () => {
    const text = report(result, { width: 110, color: false });
    expect(text.match(/^trace [0-9a-f]{32}/gm)).toHaveLength(4);
    expect(text).toMatch(/results equal +yes/);
    expect(text).toMatch(/documents +10 +10 +10/);
    expect(text).toMatch(/OTLP requests +0 +[123] +19/);
    expect(text).toContain("Everything happened as expected.");
  });

  it("says so if something did not go as expected", () => {
    const text = report({ ...result, problems: ["a span is missing"] }, { width: 110, color: false });
    expect(text).toContain("Not as expected:\n  a span is missing");
  });
});

// About the command line and where it sends to: which backend it runs makes no difference.
if (runtime === "convex-test") {
  describe("the demo with an endpoint of the user", () => {
    it("sends there and says which traces to look for", async () => {
      const receiver = await startOtlpReceiver();
      try {
        const { problems, spans, traces } = await runDemo({
          endpoint: receiver.url,
          runId: "remote",
          measuredRounds: 1,
        });
        expect(problems).toEqual([]);
        expect(spans).toEqual([]);
        const arrived = new Set(receiver.spans.map(({ traceId }) => traceId));
        expect(arrived.size).toBe(4);
        expect(traces.slice(0, 3).every(({ traceId }) => traceId !== undefined && arrived.has(traceId))).toBe(true);
        const refused = receiver.spans.filter((span) => span.attributes["correlation.id"] === traces[3]?.correlationId);
        expect(refused).toHaveLength(2);
      } finally {
        await receiver.close();
      }
    });

    it("fails if the endpoint refuses the spans", async () => {
      const receiver = await startOtlpReceiver();
      receiver.respond(() => ({ status: 401 }));
      try {
        const { problems } = await runDemo({ endpoint: receiver.url, runId: "refused", measuredRounds: 1 });
        expect(problems[0]).toMatch(/^the outbox was told: .* answered 401/);
      } finally {
        await receiver.close();
      }
    });

    it("does not start if nothing answers there", async () => {
      const receiver = await startOtlpReceiver();
      await receiver.close();
      await expect(runDemo({ endpoint: receiver.url })).rejects.toThrow(
        /^Nothing answers at OTEL_EXPORTER_OTLP_ENDPOINT=/,
      );
    });
  });
}
