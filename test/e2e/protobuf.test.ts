/** OTLP/protobuf as a server sends it, into a real Jaeger: it stores what it stores of the same spans in JSON. */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import type { Attributes, SpanRecord } from "../../src/core/types.js";
import { RequestSender } from "../../src/node/requestSender.js";
import { toOtlpJson } from "../../src/otlp/encode.js";
import { SpanBatch } from "../../src/otlp/protobuf/spanBatch.js";
import { span } from "../otlp/spans.js";
import { type Jaeger, startJaeger } from "./jaeger.js";

const binary = inject("jaegerBinary");

const resource = { attributes: { "service.name": "protobuf", "service.version": "1.0.0" } };

/** One of everything. Not-a-number is left out: Jaeger's own JSON API has no form for it. */
const attributes: Attributes = {
  text: 'Grüße, 世界 😀 "quoted"',
  empty: "",
  broken: "half of a pair: \ud83d",
  long: "x".repeat(20_000),
  count: 42,
  negative: -1,
  largest: 2 ** 53 - 1,
  int64: -(2n ** 63n),
  beyond: 2n ** 70n,
  ratio: 0.1,
  yes: true,
  no: false,
  bytes: new Uint8Array([0, 127, 255]),
  texts: ["a", null, "ü"],
  numbers: [1, -2, 0.5],
  none: [],
};

function spansOf(traceId: string): SpanRecord[] {
  const startTime = Date.now() - 1_000;
  const context = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", traceFlags: 1 };
  const event = { name: "retry", time: startTime + 3.25, attributes, droppedAttributesCount: 2 };
  const entry = span({
    traceId,
    spanId: "00000000000000a1",
    kind: "server",
    startTime,
    endTime: startTime + 20.5,
    attributes,
    events: [event],
    links: [{ context, attributes: { why: "retried" }, droppedAttributesCount: 0 }],
    status: { code: 2, message: "no such task" },
    traceState: "vendor=1",
    droppedAttributesCount: 7,
  });
  const child = span({ traceId, spanId: "00000000000000b2", parentSpanId: "00000000000000a1", name: "SELECT tasks", kind: "client", startTime: startTime + 1, endTime: startTime + 2, scope: { name: "pg", version: "8.0.0" } }); // prettier-ignore
  return [entry, child];
}

describe.skipIf(binary === "")("Jaeger and OTLP/protobuf", () => {
  let jaeger: Jaeger;
  const sender = () =>
    new RequestSender({
      name: "jaeger",
      settings: { url: `${jaeger.otlpUrl}/v1/traces`, headers: {}, timeoutMs: 10_000, compression: "gzip" },
      maxRequestBytes: 900_000,
      batch: { timeoutMs: 30_000 },
    });

  beforeAll(async () => {
    jaeger = await startJaeger(binary);
  });

  afterAll(async () => {
    await jaeger?.stop();
  });

  /** What Jaeger has of a trace, without its id. */
  async function stored(traceId: string): Promise<unknown> {
    const trace = await jaeger.getTrace(traceId, { spans: 2 });
    const spans = [...trace.spans].sort((a, b) => a.spanID.localeCompare(b.spanID));
    const text = JSON.stringify(spans.map((one) => ({ ...one, process: trace.processes[one.processID] })));
    return JSON.parse(text.replaceAll(traceId, "the trace").replace(/"processID":"p\d+"/g, '"processID":"p"'));
  }

  test("stores what it stores of JSON", async () => {
    const [inProtobuf, inJson] = [randomBytes(16).toString("hex"), randomBytes(16).toString("hex")];
    const records = spansOf(inProtobuf);
    const batch = new SpanBatch(resource);
    for (const record of records) expect(batch.add(record)).toBe(true);
    const request = { spanCount: batch.spanCount, bytes: batch.finish() };
    expect(await sender().send(request)).toEqual({ outcome: "delivered", rejectedSpans: 0 });

    const body = toOtlpJson(
      records.map((record) => ({ ...record, traceId: inJson })),
      { resource },
    );
    const headers = { "content-type": "application/json" };
    const response = await fetch(`${jaeger.otlpUrl}/v1/traces`, { method: "POST", headers, body });
    expect(response.status).toBe(200);

    const found = await stored(inProtobuf);
    expect(found).toEqual(await stored(inJson));
    expect(found).toMatchObject([
      { operationName: "mutation pipeline:executeTask", duration: 20_500, process: { serviceName: "protobuf" } },
      { operationName: "SELECT tasks", references: [{ refType: "CHILD_OF", spanID: "00000000000000a1" }] },
    ]);
  });

  test("says in protobuf why it refuses a request", async () => {
    const result = await sender().send({ spanCount: 1, bytes: Buffer.from("no protobuf") });
    expect(result).toEqual({ outcome: "failed", message: expect.stringMatching(/answered 400: .*proto/) as string });
  });
});
