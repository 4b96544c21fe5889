import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import type { Attributes, SpanRecord } from "../../src/core/types.js";
import { encodeSpans, joinTexts, toOtlpJson } from "../../src/otlp/encode.js";
import { decode, type DecodedSpan } from "./decodeOtlp.js";
import { resource, scope, span, spans } from "./spans.js";

function encodeOne(change: Partial<SpanRecord>): DecodedSpan {
  const [first] = decode(encodeSpans([span(change)], { resource, scope }).text).spans;
  if (first === undefined) throw new Error("no span");
  return first;
}

/** Attributes as user code may hand them over, whatever the type says. */
function encodeAttributes(attributes: Record<string, unknown>): Record<string, unknown> {
  return { ...encodeOne({ attributes: attributes as Attributes }).attributes };
}

describe("encodeSpans: the text", () => {
  it("names attributes right, however many names there are", () => {
    const names = Array.from({ length: 1_200 }, (_, index) => `name "${index}"`);
    const attributes = Object.fromEntries(names.map((name) => [name, name]));
    for (let again = 0; again < 2; again++) expect(encodeOne({ attributes }).attributes).toEqual(attributes);
  });

  it("is exactly this for a full span", () => {
    const record = span({
      kind: "consumer",
      parentSpanId: "00f067aa0ba902b7",
      parentIsRemote: true,
      traceState: "ot=th:8",
      attributes: { "convex.function.name": "pipeline:executeTask", attempt: 2 },
      events: [{ name: "retry", time: 1_763_800_000_001, attributes: { n: 1 }, droppedAttributesCount: 3 }],
      links: [
        {
          context: {
            traceId: "1".repeat(32),
            spanId: "2".repeat(16),
            traceFlags: 1,
            isRemote: true,
            traceState: "a=b",
          },
          attributes: {},
          droppedAttributesCount: 0,
        },
      ],
      status: { code: 2, message: "no" },
      droppedAttributesCount: 1,
      droppedEventsCount: 2,
      droppedLinksCount: 3,
    });
    expect(JSON.parse(encodeSpans([record], { resource, scope }).text)).toEqual({
      resource: { attributes: [{ key: "service.name", value: { stringValue: "relayflow" } }] },
      scopeSpans: [
        {
          scope: { name: "convex-otel", version: "0.1.0" },
          spans: [
            {
              traceId: "0af7651916cd43dd8448eb211c80319c",
              spanId: "b7ad6b7169203331",
              traceState: "ot=th:8",
              parentSpanId: "00f067aa0ba902b7",
              flags: 0x303,
              name: "mutation pipeline:executeTask",
              kind: 5,
              startTimeUnixNano: "1763800000000250000",
              endTimeUnixNano: "1763800000012500000",
              attributes: [
                { key: "convex.function.name", value: { stringValue: "pipeline:executeTask" } },
                { key: "attempt", value: { intValue: "2" } },
              ],
              droppedAttributesCount: 1,
              events: [
                {
                  timeUnixNano: "1763800000001000000",
                  name: "retry",
                  attributes: [{ key: "n", value: { intValue: "1" } }],
                  droppedAttributesCount: 3,
                },
              ],
              droppedEventsCount: 2,
              links: [
                { traceId: "1".repeat(32), spanId: "2".repeat(16), traceState: "a=b", flags: 0x301, attributes: [] },
              ],
              droppedLinksCount: 3,
              status: { code: 2, message: "no" },
            },
          ],
          schemaUrl: "https://opentelemetry.io/schemas/1.45.0",
        },
      ],
      schemaUrl: "https://opentelemetry.io/schemas/1.45.0",
    });
  });

  it("leaves out what is at its default", () => {
    const { text } = encodeSpans([span()], { resource: { attributes: {} }, scope: { name: "x" } });
    expect(text).not.toMatch(/dropped|events|links|traceState|parentSpanId|version|message/);
  });

  it("counts spans, also none", () => {
    expect(encodeSpans(spans(3), { resource, scope })).toMatchObject({ spanCount: 3, droppedSpans: 0 });
    const none = encodeSpans([], { resource, scope });
    expect(none).toMatchObject({ spanCount: 0, droppedSpans: 0 });
    expect(decode(none.text).spans).toEqual([]);
  });

  it.each([
    ["internal", 1],
    ["server", 2],
    ["client", 3],
    ["producer", 4],
    ["consumer", 5],
  ] as const)("writes kind %s as %d", (kind, number) => {
    expect(encodeSpans([span({ kind })], { resource, scope }).text).toContain(`"kind":${number},`);
  });

  it.each([
    [0, false, 0x100],
    [1, false, 0x101],
    [3, true, 0x303],
    [0xfff, true, 0x3ff],
  ])("flags: %d, remote %s is %d", (traceFlags, parentIsRemote, flags) => {
    expect(encodeOne({ traceFlags, parentIsRemote }).flags).toBe(flags);
  });

  it("says nothing about the remoteness of a link that does not know it", () => {
    const context = { traceId: "1".repeat(32), spanId: "2".repeat(16), traceFlags: 1 };
    const link = { context, attributes: {}, droppedAttributesCount: 0 };
    expect(encodeOne({ links: [link] }).links[0]?.flags).toBe(1);
  });

  it("never ends a span before it starts", () => {
    const { start, end } = encodeOne({ startTime: 2000, endTime: 1000 });
    expect(end).toBe(start);
    expect(encodeOne({ startTime: 2000, endTime: NaN }).end).toBe(2_000_000_000n);
  });
});

describe("encodeSpans: attributes", () => {
  it.each<[string, unknown, unknown]>([
    ["a string", "x", "x"],
    ["an empty string", "", ""],
    ["quotes and control characters", 'a"b\\c\n\u0000\u2028', 'a"b\\c\n\u0000\u2028'],
    ["emoji", "👋🏽", "👋🏽"],
    ["a lone high surrogate", "a\ud83d", "a\ufffd"],
    ["a lone low surrogate before a pair", '\udc4b👋"', '\ufffd👋"'],
    ["an integer", 42, 42n],
    ["the largest safe integer", Number.MAX_SAFE_INTEGER, 9007199254740991n],
    ["a larger integer", 2 ** 60, 2 ** 60],
    ["minus zero", -0, 0n],
    ["a fraction", 0.1, 0.1],
    ["a large double", 1e300, 1e300],
    ["NaN", NaN, NaN],
    ["Infinity", Infinity, Infinity],
    ["-Infinity", -Infinity, -Infinity],
    ["true", true, true],
    ["false", false, false],
    ["the largest int64", 2n ** 63n - 1n, 2n ** 63n - 1n],
    ["the smallest int64", -(2n ** 63n), -(2n ** 63n)],
    ["a bigint over int64", 2n ** 63n, "9223372036854775808"],
    ["bytes", new Uint8Array([0, 255, 16]), new Uint8Array([0, 255, 16])],
    ["a view into bytes", new Uint8Array([1, 2, 3, 4]).subarray(1, 3), new Uint8Array([2, 3])],
    ["an ArrayBuffer", new Uint8Array([7]).buffer, new Uint8Array([7])],
    ["bytes of another realm", runInNewContext("new Uint8Array([1, 2])"), new Uint8Array([1, 2])],
    ["no bytes", new Uint8Array(), new Uint8Array()],
    ["an array", ["a", "b"], ["a", "b"]],
    ["an array with gaps", ["a", null, undefined, "b"], ["a", "b"]],
    ["a mixed array", [1, 0.5, true, 3n], [1n, 0.5, true, 3n]],
    ["an empty array", [], []],
    ["an array with odd items", ["a", {}, () => 1, Symbol("x"), ["nested"], new Uint8Array(1)], ["a"]],
  ])("keeps %s", (_, value, expected) => {
    expect(encodeAttributes({ value })["value"]).toEqual(expected);
  });

  const circular: Record<string, unknown> = {};
  circular["self"] = circular;
  const revoked = Proxy.revocable([], {});
  revoked.revoke();
  it.each<[string, unknown]>([
    ["null", null],
    ["undefined", undefined],
    ["an object", { a: 1 }],
    ["a circular object", circular],
    ["a function", () => 1],
    ["a symbol", Symbol("x")],
    ["a date", new Date(0)],
    ["a revoked proxy", revoked.proxy],
    ["an object with a toString that throws", { toString: () => { throw new Error("no"); } }], // prettier-ignore
    ["an array that claims four billion items", new Array(2 ** 32 - 1)],
    ["an array whose items throw", new Proxy(["x"], { get: () => { throw new Error("no"); } })], // prettier-ignore
  ])("drops %s and keeps the rest", (_, value) => {
    expect(encodeAttributes({ before: 1, value, after: 2 })).toEqual({ before: 1n, after: 2n });
  });

  it("survives a getter that throws, and attributes that cannot be listed", () => {
    const attributes = Object.defineProperty({ a: 1 }, "b", { enumerable: true, get: () => { throw new Error("no"); } }); // prettier-ignore
    expect(encodeAttributes(attributes)).toEqual({ a: 1n });
    const unlisted = new Proxy({}, { ownKeys: () => { throw new Error("no"); } }); // prettier-ignore
    expect(encodeAttributes(unlisted)).toEqual({});
  });

  it("keeps names that are special to JavaScript or JSON", () => {
    const attributes = JSON.parse('{"__proto__":"p","a\\"b":"q","größe":"r"}') as Record<string, unknown>;
    expect(Object.entries(encodeAttributes(attributes))).toEqual(Object.entries(attributes));
  });

  it("loses only a span that is itself broken", () => {
    const broken: SpanRecord = Object.assign(span(), { events: null });
    const encoded = encodeSpans([span(), broken, span()], { resource, scope });
    expect(encoded).toMatchObject({ spanCount: 2, droppedSpans: 1 });
    expect(decode(encoded.text).spans[0]?.attributes).toEqual({ "convex.telemetry.dropped_spans": 1n });
  });
});

describe("encodeSpans: limits", () => {
  const bytes = (text: string) => Buffer.byteLength(text);

  it("drops from the end and counts on the entry span", () => {
    const encoded = encodeSpans(spans(100), { resource, scope, maxBytes: 5_000 });
    const decoded = decode(encoded.text).spans;
    expect(bytes(encoded.text)).toBeLessThanOrEqual(5_000);
    expect(encoded.spanCount).toBe(decoded.length);
    expect(encoded.spanCount + encoded.droppedSpans).toBe(100);
    expect(encoded.spanCount).toBeGreaterThan(10);
    expect(decoded.map(({ name }) => name)).toEqual(decoded.map((_, index) => `span ${index}`));
    expect(decoded[0]?.attributes).toEqual({ "convex.telemetry.dropped_spans": BigInt(encoded.droppedSpans) });
    expect(decoded[1]?.attributes).toEqual({});
  });

  it("lets no later span overtake one that was dropped", () => {
    const wide = span({ name: "wide", attributes: { x: "x".repeat(900) } });
    const list = [...spans(40), wide, span({ name: "small" })];
    const encoded = encodeSpans(list, { resource, scope, maxBytes: 10_000 });
    const names = decode(encoded.text).spans.map(({ name }) => name);
    expect(names).toHaveLength(40);
    expect(names).not.toContain("small");
    // There was room for it.
    expect(bytes(encoded.text)).toBeLessThan(9_600);
  });

  it.each([
    [5, 5n],
    [7n, 7n],
    ["many", 0n],
  ])("adds to what the entry span lost before: %s", (before, known) => {
    const [entry, ...rest] = spans(513);
    const list = [{ ...span(entry), attributes: { "convex.telemetry.dropped_spans": before } }, ...rest];
    const encoded = encodeSpans(list, { resource, scope });
    expect(encoded).toMatchObject({ spanCount: 512, droppedSpans: 1 });
    expect(decode(encoded.text).spans[0]?.attributes).toEqual({ "convex.telemetry.dropped_spans": known + 1n });
  });

  it("keeps 256 kB and 512 spans by default", () => {
    const many = encodeSpans(spans(600), { resource, scope });
    expect(many).toMatchObject({ spanCount: 512, droppedSpans: 88 });
    const large = encodeSpans(spans(512, { attributes: { x: "ü".repeat(500) } }), { resource, scope });
    expect(large.droppedSpans).toBeGreaterThan(0);
    expect(bytes(large.text)).toBeLessThanOrEqual(256_000);
    expect(bytes(large.text)).toBeGreaterThan(250_000);
  });

  it("cuts a single large span, longest strings first, and keeps the spans after it", () => {
    const large = { short: "s".repeat(50), long: "l".repeat(50_000), list: ["m".repeat(40_000), null] };
    const list = [...spans(2), span({ name: "large", attributes: large }), ...spans(3)];
    const encoded = encodeSpans(list, { resource, scope, maxBytes: 20_000 });
    expect(encoded.droppedSpans).toBe(0);
    expect(bytes(encoded.text)).toBeLessThanOrEqual(20_000);
    const [, , cut] = decode(encoded.text).spans;
    expect(cut?.attributes["short"]).toBe(large.short);
    expect(cut?.attributes["long"]).toMatch(/^l{1024,4096}$/);
  });

  it("cuts a stack trace in an event and does not leave half a character", () => {
    const event = {
      name: "exception",
      time: 1,
      attributes: { stack: `x${"👋".repeat(50_000)}` },
      droppedAttributesCount: 0,
    };
    const encoded = encodeSpans([span({ events: [event] })], { resource, scope, maxBytes: 20_000 });
    const attributes = decode(encoded.text).spans[0]?.events[0]?.attributes ?? {};
    expect(Object.values(attributes)[0]).toMatch(/^x(👋)+$/u);
  });

  it("drops a large span that cannot be cut", () => {
    const list = [...spans(2), span({ attributes: { bytes: new Uint8Array(50_000) } }), span({ name: "last" })];
    const encoded = encodeSpans(list, { resource, scope, maxBytes: 20_000 });
    expect(encoded).toMatchObject({ spanCount: 3, droppedSpans: 1 });
    expect(decode(encoded.text).spans.map(({ name }) => name)).toEqual(["span 0", "span 1", "last"]);
  });

  it("keeps the entry span, if need be without anything but its identity", () => {
    const entry = span({
      name: "n".repeat(90_000),
      traceState: `a=${"b".repeat(500)}`,
      attributes: { bytes: new Uint8Array(50_000), a: 1 },
      status: { code: 2, message: "m".repeat(90_000) },
      droppedAttributesCount: 4,
    });
    const encoded = encodeSpans([entry, ...spans(20)], { resource, scope, maxBytes: 1_500 });
    const [kept] = decode(encoded.text).spans;
    expect(bytes(encoded.text)).toBeLessThanOrEqual(1_500);
    expect(kept).toMatchObject({ spanId: entry.spanId, name: "n".repeat(64), droppedAttributesCount: 6 });
    expect(kept?.status).toEqual({ code: 2, message: "m".repeat(64) });
    expect(kept?.attributes).toEqual({ "convex.telemetry.dropped_spans": BigInt(encoded.droppedSpans) });
  });
});

describe("joinTexts and toOtlpJson", () => {
  it("joins texts into a request", () => {
    const text = encodeSpans(spans(1), { resource, scope }).text;
    expect(joinTexts([])).toBe('{"resourceSpans":[]}');
    expect(JSON.parse(joinTexts([text, text]))).toEqual({ resourceSpans: [JSON.parse(text), JSON.parse(text)] });
  });

  it("writes all spans, in our scope unless told otherwise", () => {
    const request = JSON.parse(toOtlpJson(spans(700), { resource })) as { resourceSpans: unknown[] };
    const element = decode(JSON.stringify(request.resourceSpans[0]));
    expect(element.spans).toHaveLength(700);
    expect(element.scope).toEqual({ name: "convex-otel", version: "0.1.0" });
    expect(toOtlpJson([], { resource, scope: { name: "mine" } })).toContain('"scope":{"name":"mine"}');
  });
});
