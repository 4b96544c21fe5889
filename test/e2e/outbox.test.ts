/**
 * The promise of the outbox, with a real backend: Jaeger is killed (`kill -9`) in the middle of the demo and started again on its
 * files, and in the end it has every span that the app recorded, once, in its place. Time is real, and so are the pauses.
 */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { afterEach, beforeEach, describe, expect, inject, test, vi } from "vitest";
import { type Backend, startBackend } from "../../examples/relayflow/demo/backend.js";
import { bundleApp, type BundledApp } from "../../examples/relayflow/demo/bundledApp.js";
import { runScenario, type ScenarioRun } from "../../examples/relayflow/demo/runScenario.js";
import { spanTree } from "../../src/testing/index.js";
import { type Jaeger, startJaeger } from "./jaeger.js";
import { spansOf } from "./jaegerSpans.js";
import { recordedSpans } from "./recordedSpans.js";

const binary = inject("jaegerBinary");

/** The first pause of the outbox is 5 s, the second 15 s. */
const RETRIES_TIMEOUT_MS = 40_000;

/** As it is, and not the demo's: spans leave while the scenario still runs. */
const DELAY_MS = 50;

const SHOWN = ["http.response.status_code", "webhook.outcome", "webhook.retry_count", "dlq.reason", "correlation.id"];

/** When Jaeger dies. Each takes what kills it and returns a function that listens to the demo's progress. */
const MOMENTS = {
  "between requests, in the middle of a trace": (kill: () => void) => ({
    onLine: (line: string) => (line.includes("fulfill-order → 503") ? kill() : undefined),
    onRequest: () => undefined,
  }),
  "while it receives spans": (kill: () => void) => {
    let isDue = false;
    return {
      onLine: (line: string) => void (isDue ||= line.includes("fulfill-order → 503")),
      onRequest: () => (isDue ? kill() : undefined),
    };
  },
};

describe.skipIf(binary === "")("the outbox, while Jaeger is killed and restarted", () => {
  let jaeger: Jaeger;
  let app: BundledApp;
  let onRequest: () => void = () => undefined;
  const requestSent = (message: unknown): void => {
    const { request } = message as { readonly request: { readonly path: string } };
    if (request.path === "/v1/traces") onRequest();
  };

  beforeEach(async () => {
    jaeger = await startJaeger(binary, "badger");
    app = await bundleApp();
    subscribe("undici:client:sendHeaders", requestSent);
  });

  afterEach(async () => {
    unsubscribe("undici:client:sendHeaders", requestSent);
    vi.unstubAllGlobals();
    await jaeger?.stop();
    await app?.remove();
  });

  test.each(Object.entries(MOMENTS))("%s: every span arrives", async (_, momentOf) => {
    const backend = await startBackend(app, "outbox");
    const recorded = recordedSpans();
    let killed: Promise<void> | undefined;
    const moment = momentOf(() => void (killed ??= jaeger.kill()));
    onRequest = moment.onRequest;
    const run = await runThrough(backend, moment.onLine, async () => {
      await killed;
      expect(killed).toBeDefined();
    });

    expect(run.webhooks.map(({ status, step }) => status === step.expected.status)).toEqual([true, true, true, true]);
    expect(recorded.spans.length).toBeGreaterThan(80);
    expect(run.outbox).toMatchObject({ pending: 0, failed: 0, delivered: recorded.spans.length });
    expect(run.outbox?.dropped).toEqual({ age: 0, bytes: 0, rejected: 0, refused: 0, purged: 0 });
    await expectInJaeger(recorded.spans);
  });

  /** Runs the scenario. When it is over Jaeger is down and spans wait; then it comes back, and they are waited for. */
  async function runThrough(backend: Backend, log: (line: string) => void, down: () => Promise<void>) {
    const patient: Backend = {
      ...backend,
      drain: async () => {
        await backend.drain();
        // So that Jaeger has something to remember. After its death this ends with the error.
        await backend.flush();
      },
      flush: async () => {
        await down();
        const { pending, lastError } = await statusOf(backend);
        expect(pending).toBeGreaterThan(0);
        expect(lastError?.message).toMatch(/^no answer from 127/);
        await jaeger.restart();
        const waiting = async (): Promise<number> => (await statusOf(backend)).pending;
        await expect.poll(waiting, { timeout: RETRIES_TIMEOUT_MS, interval: 100 }).toBe(0);
      },
    };
    const variables = { OTEL_EXPORTER_OTLP_ENDPOINT: jaeger.otlpUrl, OTEL_BSP_SCHEDULE_DELAY: String(DELAY_MS) };
    return await runScenario({ start: () => Promise.resolve(patient), runId: "killed", variables, log });
  }

  async function statusOf(backend: Backend): Promise<NonNullable<ScenarioRun["outbox"]>> {
    const status = await backend.outbox();
    if (status === undefined) throw new Error("the app has no outbox");
    return status;
  }

  async function expectInJaeger(recorded: ReturnType<typeof recordedSpans>["spans"]): Promise<void> {
    for (const traceId of new Set(recorded.map((span) => span.traceId))) {
      const expected = recorded.filter((span) => span.traceId === traceId);
      const found = spansOf(await jaeger.getTrace(traceId, { spans: expected.length }));
      expect(found.map(({ spanId }) => spanId).toSorted()).toEqual(expected.map(({ spanId }) => spanId).toSorted());
      const inOrder = expected.toSorted((a, b) => a.startTime - b.startTime);
      expect(spanTree(found, { attributes: SHOWN })).toBe(spanTree(inOrder, { attributes: SHOWN }));
    }
  }
});
