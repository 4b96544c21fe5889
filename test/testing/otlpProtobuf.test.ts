/** OTLP/protobuf in the receiver, against the serializers of OpenTelemetry's own SDK. */
import { SpanKind, SpanStatusCode, TraceFlags } from "@opentelemetry/api";
import { JsonTraceSerializer, ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import fc from "fast-check";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { decodeOtlp, OtlpValidationError, type OtlpReceiver, startOtlpReceiver } from "../../src/testing/index.js";
import { requestToJson } from "../../src/testing/otlpProtobuf.js";

const LINKED = {
  traceId: "0af7651916cd43dd8448eb211c80319c",
  spanId: "b7ad6b7169203331",
  traceFlags: TraceFlags.SAMPLED,
};

type Value = string | number | boolean | string[] | number[];

/** Spans as the SDK records them, with one of everything. */
function record(name: string, attributes: Record<string, Value>) {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ "service.name": "stock" }),
    spanProcessors: [new SimpleSpanProcessor(exporter)],
  });
  const span = provider.getTracer("a library", "1.2.3", { schemaUrl: "https://example.org/1" }).startSpan(name, {
    kind: SpanKind.CLIENT,
    attributes,
    links: [{ context: { ...LINKED, isRemote: true }, attributes }],
  });
  span.addEvent("moment", attributes).setStatus({ code: SpanStatusCode.ERROR, message: "no" }).end();
  provider.getTracer("another").startSpan("second", { root: true }).end();
  return exporter.getFinishedSpans();
}

/** What `ProtobufTraceSerializer` writes. */
function protobufOf(spans: ReturnType<typeof record>): Uint8Array {
  return ProtobufTraceSerializer.serializeRequest(spans) ?? new Uint8Array();
}

const value = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.maxSafeInteger(),
  fc.double({ noNaN: true, noDefaultInfinity: true, noInteger: true }),
  fc.boolean(),
  fc.array(fc.string(), { maxLength: 3 }),
  fc.array(fc.maxSafeInteger(), { maxLength: 3 }),
);
const attributes = fc.dictionary(fc.string({ minLength: 1 }), value, { maxKeys: 6 });

describe("OTLP/protobuf", () => {
  it("says the same as OTLP/JSON of the stock serializers", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), attributes, (name, given) => {
        const spans = record(name, given);
        const json = new TextDecoder().decode(JsonTraceSerializer.serializeRequest(spans));
        const decoded = decodeOtlp(requestToJson(protobufOf(spans)), { validation: "interoperable" });
        expect(decoded).toEqual(decodeOtlp(json, { validation: "interoperable" }));
        expect(decoded.map((span) => span.scope.name)).toEqual(["a library", "another"]);
      }),
    );
  });

  it("decodes or is refused, whatever the bytes are", () => {
    const whole = protobufOf(record("a", { text: "b", count: -1, list: [0.5] }));
    const change = fc.record({ at: fc.nat(whole.length - 1), byte: fc.nat(255), end: fc.nat(whole.length) });
    fc.assert(
      fc.property(change, ({ at, byte, end }) => {
        const damaged = whole.slice();
        damaged[at] = byte;
        refusedOrDecoded(damaged);
        refusedOrDecoded(damaged.subarray(0, end));
      }),
      { numRuns: 500 },
    );
    fc.assert(fc.property(fc.uint8Array(), refusedOrDecoded));
  });

  function refusedOrDecoded(bytes: Uint8Array): void {
    try {
      decodeOtlp(requestToJson(bytes));
    } catch (error) {
      expect(error).toBeInstanceOf(OtlpValidationError);
    }
  }

  it.each<[string, readonly number[], string]>([
    ["a length beyond the end", [0x0a, 0x05, 0x0a], "resourceSpans[0]: is cut off"],
    ["half of a number", [0x0a, 0x80], "resourceSpans[0]: is cut off"],
    ["a field of another type", [0x08, 0x01], "resourceSpans[0]: has wire type 0, not 2"],
    ["a group, which no field may be", [0x1b], "$: has a field of wire type 3"],
    [
      "a number without end",
      [0x0a, ...Array<number>(10).fill(0xff)],
      "resourceSpans[0]: is a varint of more than ten bytes",
    ],
    ["a field that is there twice", [0x0a, 0x04, 0x0a, 0x00, 0x0a, 0x00], "resourceSpans[0].resource: is there twice"],
    ["text that is not UTF-8", [0x0a, 0x03, 0x1a, 0x01, 0xff], "resourceSpans[0].schemaUrl: is not valid UTF-8"],
    ["a field that OTLP does not have", [0x22, 0x00], "field4: unknown field"],
  ])("refuses %s, and says where", (_, bytes, message) => {
    expect(() => decodeOtlp(requestToJson(Uint8Array.from(bytes)))).toThrow(message);
  });
});

describe("the receiver", () => {
  let receiver: OtlpReceiver;

  beforeEach(async () => {
    receiver = await startOtlpReceiver({ validation: "interoperable" });
  });

  afterEach(async () => {
    await receiver.close();
  });

  async function post(
    body: Uint8Array,
    headers: Record<string, string> = {},
  ): Promise<[number, string | null, object]> {
    const init = { method: "POST", headers: { "content-type": "application/x-protobuf", ...headers }, body };
    const response = await fetch(receiver.tracesUrl, init as RequestInit);
    const bytes = new Uint8Array(await response.arrayBuffer());
    return [response.status, response.headers.get("content-type"), ProtobufTraceSerializer.deserializeResponse(bytes)];
  }

  it("takes what the stock exporter sends, zipped or not, and answers in kind", async () => {
    const body = protobufOf(record("a", { count: 3 }));
    const type = "application/x-protobuf";
    expect(await post(body)).toEqual([200, type, { partialSuccess: {} }]);
    expect(await post(gzipSync(body), { "content-encoding": "gzip" })).toEqual([200, type, { partialSuccess: {} }]);
    expect(receiver.spans.map(({ name }) => name)).toEqual(["a", "second", "a", "second"]);
    expect(receiver.requests.map(({ bytes }) => bytes)).toEqual([body.length, gzipSync(body).length]);
    expect(JSON.parse(receiver.requests[0]?.body ?? "")).toMatchObject({ resourceSpans: [{}] });
  });

  it("says in kind what it did not take", async () => {
    receiver.respond([{ body: { partialSuccess: { rejectedSpans: "300", errorMessage: "too old" } } }]);
    const [, , partial] = await post(protobufOf(record("a", {})));
    expect(partial).toEqual({ partialSuccess: { rejectedSpans: 300, errorMessage: "too old" } });
    const response = await fetch(receiver.tracesUrl, {
      method: "POST",
      headers: { "content-type": "application/x-protobuf" },
      body: new Uint8Array([0x08]),
    });
    expect(response.status).toBe(400);
    // A `google.rpc.Status`: code 3, invalid argument, and a message.
    const status = Buffer.from(await response.arrayBuffer());
    expect(status.subarray(0, 2)).toEqual(Buffer.from([0x08, 0x03]));
    expect(status.toString()).toContain("has wire type 0, not 2");
  });
});
