/**
 * The demo against a real Jaeger: each webhook must come back as one trace, with the parents, kinds, links and
 * attributes that a receiver of our own saw in the same demo (and that test/relayflow/demo.test.ts states as text).
 */
import { afterAll, beforeAll, describe, expect, inject, test, vi } from "vitest";
import { runDemo, type DemoResult } from "../../examples/relayflow/demo/runDemo.js";
import { spanTree } from "../../src/testing/index.js";
import { fns } from "../adapters/convex/apps/functions.js";
import * as apps from "../adapters/convex/apps/main.js";
import { starter } from "../adapters/convex/harness/start.js";
import { spansOf } from "./jaegerSpans.js";
import { type Jaeger, startJaeger } from "./jaeger.js";

const binary = inject("jaegerBinary");

const ATTRIBUTES = [
  "rpc.method",
  "convex.function.type",
  "convex.function.visibility",
  "messaging.destination.name",
  "http.route",
  "http.response.status_code",
  "db.collection.name",
  "convex.db.query.fingerprint",
  "webhook.outcome",
  "webhook.retry_count",
  "dlq.reason",
];

describe.skipIf(binary === "")("the demo on Jaeger", () => {
  let jaeger: Jaeger;
  let seenByUs: DemoResult;
  let sent: DemoResult;

  beforeAll(async () => {
    jaeger = await startJaeger(binary);
    const options = { runId: "e2e", measuredRounds: 0 };
    seenByUs = await runDemo(options);
    sent = await runDemo({ ...options, endpoint: jaeger.otlpUrl });
  }, 60_000);

  afterAll(async () => {
    await jaeger?.stop();
  });

  test("goes as expected", () => {
    expect(sent.problems).toEqual([]);
    expect(sent.traces).toHaveLength(4);
  });

  test.each([0, 1, 2, 3])("webhook %d is one trace, the same that we saw", async (index) => {
    const expected = seenByUs.traces[index]?.spans ?? [];
    const correlationId = sent.traces[index]?.correlationId ?? "none";
    // A correlation id names the trace also where the sender was refused and never learned its trace id.
    const found = await expectOneTrace(correlationId);
    const trace = await jaeger.getTrace(found, { spans: expected.length });
    const spans = spansOf(trace);
    expect(spanTree(spans, { attributes: ATTRIBUTES })).toBe(spanTree(expected, { attributes: ATTRIBUTES }));
    for (const span of spans) expect(span.attributes["correlation.id"]).toBe(correlationId);
    expect(Object.values(trace.processes).map(({ serviceName }) => serviceName)).toEqual(["relayflow"]);
  });

  test("a chain past its bound is two traces with a link", async () => {
    vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", jaeger.otlpUrl);
    const start = starter("main", apps);
    const { t, settle } = await start("withOtlp", { service: { name: "bounded" }, traceBound: { maxHops: 1 } });
    await t.mutation(fns.chain, { left: 2 });
    await settle();
    await expect.poll(async () => (await jaeger.findTraces({ service: "bounded" })).length).toBe(2);
    const traces = await jaeger.findTraces({ service: "bounded" });
    const [second, first] = traces.map(spansOf).toSorted((a, b) => a.length - b.length);
    expect(spanTree([...(first ?? []), ...(second ?? [])])).toMatchInlineSnapshot(`
      "fns:chain [server]
      └─ schedule fns:chain [producer]
         └─ process fns:chain [consumer]
            └─ schedule fns:chain [producer]

      process fns:chain [consumer]
        ~ link to schedule fns:chain"
    `);
  });

  async function expectOneTrace(correlationId: string): Promise<string> {
    const find = () => jaeger.findTraces({ service: "relayflow", tags: { "correlation.id": correlationId } });
    await expect.poll(async () => (await find()).length, { timeout: 10_000 }).toBeGreaterThan(0);
    const traces = await find();
    expect(traces).toHaveLength(1);
    return traces[0]?.traceID ?? "none";
  }
});
