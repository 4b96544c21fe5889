/** The harness itself: a trace written by hand goes into a real Jaeger over OTLP/JSON and comes out unharmed. */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type Jaeger, startJaeger } from "./jaeger.js";

const binary = inject("jaegerBinary");

function handMadeTrace(traceId: string, startMs: number): object {
  const nanos = (ms: number): string => `${startMs + ms}000000`;
  const span = { traceId, startTimeUnixNano: nanos(0), endTimeUnixNano: nanos(20), flags: 257 };
  const link = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331" };
  const attribute = { key: "correlation.id", value: { stringValue: `delivery-${traceId}` } };
  const spans = [
    { ...span, spanId: "00000000000000a1", name: "POST /webhooks/stripe", kind: 2, attributes: [attribute] },
    {
      ...span,
      spanId: "00000000000000b2",
      parentSpanId: "00000000000000a1",
      name: "normalize",
      kind: 1,
      links: [link],
    },
  ];
  const resource = { attributes: [{ key: "service.name", value: { stringValue: "hand-made" } }] };
  return { resourceSpans: [{ resource, scopeSpans: [{ scope: { name: "test" }, spans }] }] };
}

describe.skipIf(binary === "")("Jaeger", () => {
  const traceId = randomBytes(16).toString("hex");
  const startMs = Date.now();
  let jaeger: Jaeger;

  beforeAll(async () => {
    jaeger = await startJaeger(binary);
    const response = await fetch(`${jaeger.otlpUrl}/v1/traces`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(handMadeTrace(traceId, startMs)),
    });
    expect(response.status).toBe(200);
  });

  afterAll(async () => {
    await jaeger?.stop();
  });

  test("gives a trace back by its id", async () => {
    const trace = await jaeger.getTrace(traceId, { spans: 2 });
    const byId = new Map(trace.spans.map((span) => [span.spanID, span]));
    expect(byId.get("00000000000000a1")).toMatchObject({
      operationName: "POST /webhooks/stripe",
      references: [],
      startTime: startMs * 1000,
      duration: 20_000,
    });
    expect(byId.get("00000000000000b2")?.references).toEqual([
      { refType: "CHILD_OF", traceID: traceId, spanID: "00000000000000a1" },
      { refType: "FOLLOWS_FROM", traceID: "0af7651916cd43dd8448eb211c80319c", spanID: "b7ad6b7169203331" },
    ]);
    expect(Object.values(trace.processes).map(({ serviceName }) => serviceName)).toEqual(["hand-made"]);
  });

  test("finds a trace by a tag", async () => {
    const tags = { "correlation.id": `delivery-${traceId}` };
    const found = await jaeger.findTraces({ service: "hand-made", tags });
    expect(found.map((trace) => trace.traceID)).toEqual([traceId]);
    expect(await jaeger.findTraces({ service: "hand-made", tags: { "correlation.id": "other" } })).toEqual([]);
  });

  test("says what is missing when a trace does not arrive", async () => {
    await expect(jaeger.getTrace(traceId, { spans: 3, timeoutMs: 200 })).rejects.toThrow(
      /2 of 3 spans arrived: (POST|normalize).*(normalize|stripe)/,
    );
  });

  test("runs beside another one", async () => {
    const other = await startJaeger(binary);
    try {
      expect(await other.findTraces({ service: "hand-made" })).toEqual([]);
    } finally {
      await other.stop();
    }
    await expect(fetch(other.queryUrl)).rejects.toThrow();
  });
});

test("a binary that cannot start is an error with its reason", async () => {
  await expect(startJaeger("/nonexistent/jaeger")).rejects.toThrow(/Jaeger ended while starting[\s\S]*ENOENT/);
});
