import { isDeepStrictEqual } from "node:util";
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { describe, expect, it } from "vitest";
import type { Attributes, LinkRecord, SpanRecord } from "../../src/core/types.js";
import { spanRecord } from "../../src/node/spanRecord.js";
import { toOtlpJson } from "../../src/otlp/encode.js";
import { SpanBatch } from "../../src/otlp/protobuf/spanBatch.js";
import { decodeRequest, type Json, normalized } from "./protobufSchema.js";
import { resource, span, spans } from "./spans.js";

function batchOf(records: readonly SpanRecord[]): SpanBatch {
  const batch = new SpanBatch(resource);
  for (const record of records) expect(batch.add(record)).toBe(true);
  return batch;
}

/** What stands in the request, and in JSON for the same spans. */
function bothForms(records: readonly SpanRecord[]): { sent: Json; json: Json } {
  return {
    sent: decodeRequest(batchOf(records).finish()),
    json: normalized(JSON.parse(toOtlpJson(records, { resource })) as Json),
  };
}

function thrower(): never {
  throw new Error("getter");
}

const link = (change: Partial<LinkRecord["context"]> = {}): LinkRecord => ({
  context: { traceId: "a".repeat(32), spanId: "b".repeat(16), traceFlags: 1, ...change },
  attributes: { reason: "retry" },
  droppedAttributesCount: 0,
});

describe("SpanBatch", () => {
  it("is a request of one resource", () => {
    const batch = batchOf([span({ attributes: { "task.rank": 7 }, status: { code: 2, message: "no" } })]);
    expect(batch.spanCount).toBe(1);
    expect(decodeRequest(batch.finish())).toEqual({
      resourceSpans: [
        {
          resource: { attributes: [{ key: "service.name", value: { stringValue: "relayflow" } }] },
          schemaUrl: "https://opentelemetry.io/schemas/1.45.0",
          scopeSpans: [
            {
              scope: { name: "convex-otel", version: "0.1.0" },
              schemaUrl: "https://opentelemetry.io/schemas/1.45.0",
              spans: [
                {
                  traceId: "0af7651916cd43dd8448eb211c80319c",
                  spanId: "b7ad6b7169203331",
                  name: "mutation pipeline:executeTask",
                  kind: 1,
                  startTimeUnixNano: "1763800000000250000",
                  endTimeUnixNano: "1763800000012500000",
                  attributes: [{ key: "task.rank", value: { intValue: "7" } }],
                  status: { code: 2, message: "no" },
                  flags: 0x103,
                },
              ],
            },
          ],
        },
      ],
    });
  });

  it.each<[string, Attributes]>([
    ["empty texts", { "": "", a: "", list: ["", ""] }],
    ["texts about the length of a loop", Object.fromEntries([47, 48, 49, 127, 128, 129].map((n) => [`k${n}`, "x".repeat(n)]))], // prettier-ignore
    [
      "texts of two, three and four bytes a character",
      { é: "é".repeat(64), "€": "€".repeat(43), "😀": "😀".repeat(32) },
    ],
    ["one character at the end that is not ASCII", { short: `${"x".repeat(30)}é`, long: `${"x".repeat(200)}é` }],
    ["lone surrogates", { "\ud800": "\udc00x", end: "x\ud83d", pair: "\ud83d\ude00", long: "\ude00".repeat(99) }],
    ["a megabyte of text", { text: "é".repeat(500_000), [`k${"é".repeat(3_000)}`]: 1 }],
    ["integers", { a: 0, b: -0, c: -1, d: 127, e: 128, f: 2 ** 32 - 1, g: 2 ** 32, h: -(2 ** 32), i: -(2 ** 31) }],
    ["the last safe integers, and the next", { a: 2 ** 53 - 1, b: 1 - 2 ** 53, c: 2 ** 53, d: -(2 ** 53), e: 2 ** 64 }],
    ["fractions and what is no number", { a: 0.1, b: -1.5, c: NaN, d: Infinity, e: -Infinity, f: 5e-324, g: 1.8e308 }],
    [
      "bigint",
      { a: 0n, b: -1n, c: 2n ** 63n - 1n, d: -(2n ** 63n), e: 2n ** 63n, f: -(2n ** 63n) - 1n, g: 10n ** 400n },
    ],
    [
      "lists",
      { a: [], b: [null, undefined], c: [1, null, -1], d: [true, false], e: ["", "é", undefined], f: [2n ** 64n] },
    ],
    ["bytes", { a: new Uint8Array(0), b: new Uint8Array([0, 255]), c: new Uint8Array(20_000).fill(7) }],
  ])("sends %s as JSON does", (_, attributes) => {
    const events = [{ name: "e", time: 1_763_800_000_000.5, attributes, droppedAttributesCount: 3 }];
    const { sent, json } = bothForms([span({ attributes, events, links: [{ ...link(), attributes }] }), span()]);
    expect(sent).toEqual(json);
  });

  it.each<[string, Attributes]>([
    [
      "lists up to 50,000 items",
      { a: Array.from({ length: 50_000 }, (_, n) => n), b: Array.from({ length: 50_001 }, () => 0) },
    ],
    ["10,000 attributes", Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`key ${n}`, n]))],
  ])("sends %s as JSON does", (_, attributes) => {
    const { sent, json } = bothForms([span({ attributes })]);
    expect(isDeepStrictEqual(sent, json)).toBe(true);
  });

  it("sends the spans of each library together, in the order in which the libraries come", () => {
    const from = (name: string, version?: string) => ({
      scope: { name, ...(version === undefined ? {} : { version }) },
    });
    const records = [from("pg", "1.0.0"), {}, from("ai"), from("pg", "1.0.0"), {}, from("pg", "2.0.0"), from("ai")];
    const { sent, json } = bothForms(records.map((scope, index) => span({ name: `span ${index}`, ...scope })));
    expect(sent).toEqual(json);
    expect(sent).toMatchObject({
      resourceSpans: [{ scopeSpans: [{ scope: { name: "pg", version: "1.0.0" } }, {}, {}, {}] }],
    });
  });

  it("is empty without spans", () => {
    const batch = new SpanBatch(resource);
    expect([batch.spanCount, batch.byteLength, batch.finish().length]).toEqual([0, 0, 0]);
  });

  it("tells its size exactly, while it grows past every length of a length", () => {
    const batch = new SpanBatch(resource);
    for (const [index, record] of spans(400).entries()) {
      batch.add({ ...record, attributes: { text: "é".repeat(index) } });
      if (index % 40 === 0) {
        const same = batchOf(spans(index + 1).map((one, at) => ({ ...one, attributes: { text: "é".repeat(at) } })));
        expect(batch.byteLength).toBe(same.finish().length);
      }
    }
    expect(batch.finish().length).toBeGreaterThan(1 << 16);
  });
});

describe("SpanBatch and broken spans", () => {
  it.each<[string, SpanRecord]>([
    ["a span whose name throws", Object.defineProperty(span(), "name", { get: thrower })],
    ["a span whose scope throws", Object.defineProperty(span(), "scope", { get: thrower })],
    [
      "a scope whose version throws",
      span({ scope: Object.defineProperty({ name: "x" }, "version", { get: thrower }) }),
    ],
    [
      "an event whose time throws",
      span({ events: [Object.defineProperty({ name: "x" }, "time", { get: thrower }) as never] }),
    ],
    ["a status that is missing", span({ status: undefined as never })],
    ["links that are no list", span({ scope: { name: "new" }, links: 1 as never })],
    ["a short trace id", span({ traceId: "0af7651916cd43dd" })],
    ["a trace id with other characters", span({ traceId: "0af7651916cd43dd8448eb211c8031gé" })],
    ["no trace id", span({ traceId: undefined as never })],
    ["a long span id", span({ spanId: "b7ad6b71692033310" })],
    ["an empty span id", span({ spanId: "" })],
  ])("refuses %s, and keeps the others", (_, broken) => {
    const batch = new SpanBatch(resource);
    expect(batch.add(span({ name: "before" }))).toBe(true);
    expect(batch.add(broken)).toBe(false);
    expect(batch.add(span({ name: "after" }))).toBe(true);
    expect(batch.spanCount).toBe(2);
    const good = [span({ name: "before" }), span({ name: "after" })];
    expect(decodeRequest(batch.finish())).toEqual(bothForms(good).sent);
  });

  it("loses an attribute that throws, and no other", () => {
    const attributes: Attributes = { before: "é".repeat(300), after: 2 };
    Object.defineProperty(attributes, "thrown", { get: thrower, enumerable: true });
    const items = Object.defineProperty(["x", "y"], 1, { get: thrower });
    const { sent, json } = bothForms([
      span({ attributes: { ...{ before: 1, items }, last: true } }),
      span({ attributes }),
    ]);
    expect(sent).toEqual(json);
    expect(JSON.stringify(sent)).not.toMatch(/thrown|items/);
  });

  it.each<[string, object]>([
    ["an object that does not let itself be listed", new Proxy({ a: 1 }, { ownKeys: thrower })],
    ["an object whose properties cannot be looked up", new Proxy({ a: 1 }, { getOwnPropertyDescriptor: thrower })],
    ["an object that inherits them", Object.create({ a: 1 })],
    ["an object with a prototype, besides its own", Object.assign(Object.create({ a: 1 }) as object, { b: 2 })],
    ["an object without a prototype", Object.assign(Object.create(null) as object, { b: 2 })],
    ["properties that are not enumerable", Object.defineProperty({ b: 2 }, "a", { value: 1 })],
    ["names like those of methods, and numbers", { hasOwnProperty: 1, toString: 2, 10: 3, 9: 4 }],
    ["an array", ["x", "y"]],
  ])("sends of %s what JSON does", (_, attributes) => {
    const { sent, json } = bothForms([span({ attributes: attributes as Attributes })]);
    expect(sent).toEqual(json);
  });

  it("counts links without ids as dropped, and sends a span without a parent whose id is none", () => {
    const links = [link(), link({ traceId: "short" }), link({ spanId: "" }), link({ isRemote: true })];
    const sent = decodeRequest(batchOf([span({ links, droppedLinksCount: 2, parentSpanId: "none" })]).finish());
    const kept = [link(), link({ isRemote: true })];
    expect(sent).toEqual(bothForms([span({ links: kept, droppedLinksCount: 4 })]).json);
  });

  it("reads ids in upper case", () => {
    const upper = span({ traceId: "0AF7651916CD43DD8448EB211C80319C" });
    expect(decodeRequest(batchOf([upper]).finish())).toEqual(bothForms([span()]).json);
  });
});

describe("the field numbers", () => {
  /** Records hold milliseconds, spans of the SDK nanoseconds: a whole number is the same in both. */
  const MOMENT = Date.UTC(2026, 0, 1);

  it("are those of the serializer of the OpenTelemetry SDK", () => {
    const memory = new InMemorySpanExporter();
    const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(memory)] });
    const tracer = provider.getTracer("bench", "1.2.3");
    const parent = trace.setSpanContext(ROOT_CONTEXT, { traceId: "c".repeat(32), spanId: "d".repeat(16), traceFlags: 1, isRemote: true }); // prettier-ignore
    const attributes = { text: "ü", count: 3, ratio: 0.5, no: false, list: ["a", "b"], numbers: [1, 2] };
    const links = [
      { context: { traceId: "a".repeat(32), spanId: "b".repeat(16), traceFlags: 1, isRemote: true }, attributes },
    ];
    const one = tracer.startSpan("GET /tasks", { kind: SpanKind.SERVER, attributes, links, startTime: MOMENT }, parent);
    one
      .addEvent("retry", attributes, MOMENT + 1)
      .setStatus({ code: SpanStatusCode.ERROR, message: "timeout" })
      .end(MOMENT + 2);
    const finished = memory.getFinishedSpans();
    const batch = new SpanBatch({ attributes: {} });
    for (const each of finished)
      expect(batch.add(spanRecord(each, { valueLength: Infinity, redact: undefined }))).toBe(true);
    const [ours, theirs] = [batch.finish(), ProtobufTraceSerializer.serializeRequest(finished)].map(
      (bytes) => decodeRequest(bytes ?? new Uint8Array()) as { resourceSpans: { scopeSpans: Json }[] },
    );
    expect(ours?.resourceSpans[0]?.scopeSpans).toEqual(theirs?.resourceSpans[0]?.scopeSpans);
    expect(JSON.stringify(ours)).toContain('"message":"timeout"');
  });
});
