import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { AttributeValue, Attributes, SpanRecord } from "../../src/core/types.js";
import { decodeOtlp, OtlpValidationError, type OtlpProblem, type OtlpValidation } from "../../src/testing/index.js";
import { encodeForTest, encodeText } from "./encodeForTest.js";
import { aSpan, spanId, START, TRACE } from "./spans.js";

type Json = Record<string, unknown>;

/** A valid span as JSON, with these fields instead. `undefined` removes a field. */
function jsonSpan(fields: Json = {}): Json {
  return {
    traceId: TRACE,
    spanId: spanId(1),
    name: "a",
    kind: 1,
    startTimeUnixNano: "1700000000000000000",
    endTimeUnixNano: "1700000000000000001",
    ...fields,
  };
}

function request(span: Json): string {
  return JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
}

function attribute(value: unknown): Json {
  return { attributes: [{ key: "k", value }] };
}

function problemsOf(body: string, validation: OtlpValidation = "strict"): readonly OtlpProblem[] {
  try {
    decodeOtlp(body, { validation });
  } catch (error) {
    if (error instanceof OtlpValidationError) return error.problems;
    throw error;
  }
  return [];
}

const SPAN = "resourceSpans[0].scopeSpans[0].spans[0]";
const VALUE = "attributes[0].value";

describe("decodeOtlp", () => {
  it("gives back spans with resource and scope", () => {
    const span = aSpan({
      name: "POST /webhooks/stripe",
      kind: "server",
      traceState: "vendor=1",
      parentSpanId: spanId(9),
      parentIsRemote: true,
      traceFlags: 3,
      endTime: START + 12.5,
      attributes: { text: "a", truth: true, list: ["x", "y"] },
      events: [{ name: "exception", time: START + 1, attributes: { n: 1 }, droppedAttributesCount: 2 }],
      links: [
        {
          context: { traceId: TRACE, spanId: spanId(7), traceFlags: 1, traceState: "a=b", isRemote: true },
          attributes: { why: "retry" },
          droppedAttributesCount: 1,
        },
      ],
      status: { code: 2, message: "boom" },
      droppedAttributesCount: 3,
      droppedEventsCount: 4,
      droppedLinksCount: 5,
    });
    expect(decodeOtlp(encodeForTest([span], { "service.name": "relayflow" }))).toEqual([
      {
        ...span,
        resource: { "service.name": "relayflow" },
        scope: { name: "test-scope", version: "1.2.3" },
        startTimeUnixNano: "1700000000000000000",
        endTimeUnixNano: "1700000000012500000",
      },
    ]);
  });

  it("keeps the order over several resources and scopes", () => {
    const texts = [encodeText([aSpan({ name: "a" }), aSpan({ name: "b" })]), encodeText([aSpan({ name: "c" })])];
    const spans = decodeOtlp(`{"resourceSpans":[${texts.join(",")}]}`);
    expect(spans.map((span) => span.name)).toEqual(["a", "b", "c"]);
  });

  it("takes absent fields for their defaults", () => {
    const [span] = decodeOtlp(request(jsonSpan()));
    expect(span).toEqual({
      ...aSpan({ name: "a", spanId: spanId(1), traceFlags: 0 }),
      endTime: START + 0.000001,
      resource: {},
      scope: { name: "" },
      startTimeUnixNano: "1700000000000000000",
      endTimeUnixNano: "1700000000000000001",
    });
  });

  it("takes an empty parent id for none", () => {
    expect(decodeOtlp(request(jsonSpan({ parentSpanId: "" })))[0]).not.toHaveProperty("parentSpanId");
  });

  it("accepts a request without spans", () => {
    expect(decodeOtlp('{"resourceSpans":[]}')).toEqual([]);
    expect(decodeOtlp('{"resourceSpans":[{"scopeSpans":[{}]}]}')).toEqual([]);
  });

  it.each<[string, unknown, AttributeValue]>([
    ["a string", { stringValue: "" }, ""],
    ["a boolean", { boolValue: false }, false],
    ["an integer", { intValue: "-42" }, -42],
    ["an integer past 2^53", { intValue: "9223372036854775807" }, 9223372036854775807n],
    ["the smallest integer", { intValue: "-9223372036854775808" }, -9223372036854775808n],
    ["a double", { doubleValue: 1.5 }, 1.5],
    ["not a number", { doubleValue: "NaN" }, Number.NaN],
    ["minus infinity", { doubleValue: "-Infinity" }, Number.NEGATIVE_INFINITY],
    ["bytes", { bytesValue: "AP8=" }, new Uint8Array([0, 255])],
    ["an empty array", { arrayValue: {} }, []],
    [
      "integers and doubles in one array",
      { arrayValue: { values: [{ intValue: "1" }, { doubleValue: 2.5 }] } },
      [1, 2.5],
    ],
    [
      "small and large integers in one array",
      { arrayValue: { values: [{ intValue: "1" }, { intValue: "9007199254740993" }] } },
      [1n, 9007199254740993n],
    ],
    [
      "large integers and doubles in one array",
      { arrayValue: { values: [{ intValue: "1152921504606846976" }, { doubleValue: 0.5 }] } },
      [2 ** 60, 0.5],
    ],
    [
      "a map, as JSON",
      {
        kvlistValue: {
          values: [
            { key: "n", value: { intValue: "9007199254740993" } },
            { key: "b", value: { bytesValue: "AQ==" } },
            { key: "l", value: { arrayValue: { values: [{ stringValue: "x" }] } } },
          ],
        },
      },
      '{"n":"9007199254740993","b":[1],"l":["x"]}',
    ],
  ])("reads %s", (_, value, expected) => {
    expect(decodeOtlp(request(jsonSpan(attribute(value))))[0]?.attributes).toEqual({ k: expected });
  });

  it("keeps an attribute named __proto__", () => {
    const body = request(jsonSpan({ attributes: [{ key: "__proto__", value: { stringValue: "x" } }] }));
    expect(Object.entries(decodeOtlp(body)[0]?.attributes ?? {})).toEqual([["__proto__", "x"]]);
  });
});

describe("decodeOtlp, strict", () => {
  it.each<[string, Json, string, string]>([
    ["a short trace id", { traceId: TRACE.slice(1) }, "traceId", "expected 32 hex digits"],
    ["a base64 trace id", { traceId: "S/kvNXezTaajzpKdDg5HNg==" }, "traceId", "expected 32 hex digits"],
    ["a missing trace id", { traceId: undefined }, "traceId", "got nothing"],
    ["an all-zero trace id", { traceId: "0".repeat(32) }, "traceId", "all zero"],
    ["an upper-case trace id", { traceId: TRACE.toUpperCase() }, "traceId", "upper-case"],
    ["a numeric span id", { spanId: 1234567890123456 }, "spanId", "expected 16 hex digits, got 1234567890123456"],
    ["an all-zero span id", { spanId: "0".repeat(16) }, "spanId", "all zero"],
    ["a parent id that is not hex", { parentSpanId: "g".repeat(16) }, "parentSpanId", "expected 16 hex digits"],
    ["a span that is its own parent", { parentSpanId: spanId(1) }, "parentSpanId", "is the span itself"],
    ["an empty name", { name: "" }, "name", "must not be empty"],
    ["a name that is no string", { name: 5 }, "name", "expected a string, got 5"],
    ["a lone surrogate", { name: "a\ud800" }, "name", "lone surrogate"],
    ["a kind by name", { kind: "SPAN_KIND_SERVER" }, "kind", "expected an integer from 0 to 5"],
    ["a kind out of range", { kind: 6 }, "kind", "got 6"],
    ["no kind", { kind: undefined }, "kind", "is required"],
    ["an unspecified kind", { kind: 0 }, "kind", "is required"],
    ["a time as a number", { startTimeUnixNano: 5 }, "startTimeUnixNano", '64-bit integers are decimal strings: "5"'],
    ["a time as an unsafe number", { startTimeUnixNano: 1.7e18 }, "startTimeUnixNano", "expected a decimal string"],
    ["a time with a fraction", { startTimeUnixNano: "1.5" }, "startTimeUnixNano", "expected a decimal string"],
    ["a time with leading zeros", { startTimeUnixNano: "01" }, "startTimeUnixNano", "expected a decimal string"],
    ["a negative time", { startTimeUnixNano: "-1" }, "startTimeUnixNano", "out of range"],
    ["a time past 64 bits", { endTimeUnixNano: "18446744073709551616" }, "endTimeUnixNano", "out of range"],
    ["no start", { startTimeUnixNano: undefined }, "startTimeUnixNano", "is required"],
    ["an end before the start", { endTimeUnixNano: "1699999999999999999" }, "endTimeUnixNano", "is 1 ns before start"],
    ["unknown flag bits", { flags: 0x401 }, "flags", "0x400"],
    ["the highest flag bit", { flags: 0x80000000 }, "flags", "0x80000000"],
    ["remote without remoteness known", { flags: 0x201 }, "flags", "without 0x100"],
    ["flags past 32 bits", { flags: 2 ** 32 }, "flags", "expected a whole number"],
    ["a negative count", { droppedLinksCount: -1 }, "droppedLinksCount", "expected a whole number from 0"],
    ["a count as a string", { droppedEventsCount: "1" }, "droppedEventsCount", "expected a whole number"],
    [
      "a name of the .proto file",
      { start_time_unix_nano: "5" },
      "start_time_unix_nano",
      'JSON has "startTimeUnixNano"',
    ],
    ["an unknown field", { colour: "red" }, "colour", "unknown field"],
    ["a null field", { status: null }, "status", "is null"],
    ["a status by name", { status: { code: "STATUS_CODE_ERROR" } }, "status.code", "expected an integer from 0 to 2"],
    ["a message without error", { status: { code: 1, message: "fine" } }, "status.message", "error (code 2) only"],
    ["a status that is no object", { status: 2 }, "status", "expected an object, got 2"],
    ["attributes as a map", { attributes: { a: 1 } }, "attributes", "expected an array, got an object"],
    ["an attribute without key", { attributes: [{ value: { boolValue: true } }] }, "attributes[0].key", "is required"],
    ["an attribute without value", { attributes: [{ key: "a" }] }, VALUE, "expected an object, got nothing"],
    ["an event without name", { events: [{ timeUnixNano: "1" }] }, "events[0].name", "is required"],
    ["an event without time", { events: [{ name: "e" }] }, "events[0].timeUnixNano", "is required"],
    ["an event that is no object", { events: ["e"] }, "events[0]", 'expected an object, got "e"'],
    ["a link without span id", { links: [{ traceId: TRACE }] }, "links[0].spanId", "expected 16 hex digits"],
  ])("refuses %s", (_, fields, path, message) => {
    expect(problemsOf(request(jsonSpan(fields)))).toEqual([
      { path: `${SPAN}.${path}`, message: expect.stringContaining(message) },
    ]);
  });

  it.each<[string, unknown, string, string]>([
    ["an empty value", {}, "", "expected exactly one of"],
    ["two members", { stringValue: "a", boolValue: true }, "", "got stringValue and boolValue"],
    ["a member of the .proto file", { string_value: "a" }, ".string_value", 'JSON has "stringValue"'],
    ["an integer as a number", { intValue: 1 }, ".intValue", 'decimal strings: "1"'],
    ["an integer past 64 bits", { intValue: "9223372036854775808" }, ".intValue", "out of range"],
    ["a boolean as a string", { boolValue: "true" }, ".boolValue", "expected true or false"],
    ["a double as a string", { doubleValue: "1.5" }, ".doubleValue", "expected a number"],
    ["bytes that are not base64", { bytesValue: "a_-=" }, ".bytesValue", "expected padded base64"],
    ["an array without wrapper", { arrayValue: [] }, ".arrayValue", "expected an object, got an array"],
    [
      "an array of several types",
      { arrayValue: { values: [{ stringValue: "a" }, { boolValue: true }] } },
      ".arrayValue",
      "items of one type",
    ],
    [
      "an array of arrays",
      { arrayValue: { values: [{ arrayValue: { values: [] } }] } },
      ".arrayValue",
      "items of one type",
    ],
  ])("refuses %s as an attribute value", (_, value, path, message) => {
    expect(problemsOf(request(jsonSpan(attribute(value))))).toContainEqual({
      path: `${SPAN}.${VALUE}${path}`,
      message: expect.stringContaining(message),
    });
  });

  it("refuses a key that is there twice", () => {
    const twice = { key: "a", value: { boolValue: true } };
    expect(problemsOf(request(jsonSpan({ attributes: [twice, twice] })))).toEqual([
      { path: `${SPAN}.attributes[1].key`, message: '"a" is there twice' },
    ]);
  });

  it.each<[string, string, string, string]>([
    ["text", "<html>", "$", "is not JSON"],
    ["nothing", "", "$", "is not JSON"],
    ["an array", "[]", "$", "expected an object, got an array"],
    ["an empty object", "{}", "resourceSpans", "is required"],
    ["the name of the .proto file", '{"resource_spans":[]}', "resource_spans", 'JSON has "resourceSpans"'],
    ["another signal", '{"resourceLogs":[],"resourceSpans":[]}', "resourceLogs", "unknown field"],
    ["an object for a list", '{"resourceSpans":{}}', "resourceSpans", "expected an array"],
    ["null in a list", '{"resourceSpans":[null]}', "resourceSpans[0]", "expected an object, got null"],
    [
      "a resource that is no object",
      '{"resourceSpans":[{"resource":"r"}]}',
      "resourceSpans[0].resource",
      'expected an object, got "r"',
    ],
    [
      "a scope with an unknown field",
      '{"resourceSpans":[{"scopeSpans":[{"scope":{"nme":"x"}}]}]}',
      "resourceSpans[0].scopeSpans[0].scope.nme",
      "unknown field",
    ],
  ])("refuses %s as a request", (_, body, path, message) => {
    expect(problemsOf(body)).toContainEqual({ path, message: expect.stringContaining(message) });
  });

  it("lists every problem at once", () => {
    const bad = jsonSpan({ traceId: "x", kind: 9, endTimeUnixNano: "1" });
    expect(() => decodeOtlp(request(bad))).toThrow(
      [
        "Not valid OTLP (3 problems):",
        `  ${SPAN}.kind: expected an integer from 0 to 5 (1 internal, 2 server, 3 client, 4 producer, 5 consumer), got 9`,
        `  ${SPAN}.traceId: expected 32 hex digits, got "x"`,
        `  ${SPAN}.endTimeUnixNano: is 1699999999999999999 ns before startTimeUnixNano`,
      ].join("\n"),
    );
  });

  it("does not repeat long values in messages", () => {
    const [problem] = problemsOf(request(jsonSpan({ traceId: "secret".repeat(100) })));
    expect(problem?.message.length).toBeLessThan(120);
  });
});

describe("decodeOtlp, interoperable", () => {
  it.each<[string, Json, Partial<SpanRecord>]>([
    ["times as numbers", { startTimeUnixNano: 5_000_000, endTimeUnixNano: 6_000_000 }, { startTime: 5, endTime: 6 }],
    ["integers as numbers", attribute({ intValue: 7 }), { attributes: { k: 7 } }],
    ["upper-case ids", { traceId: TRACE.toUpperCase() }, { traceId: TRACE }],
    ["empty values", attribute({}), { attributes: {} }],
    ["unknown fields", { colour: "red" }, { name: "a" }],
    ["null fields", { status: null }, { status: { code: 0 } }],
    ["an unspecified kind", { kind: 0 }, { kind: "internal" }],
    ["a message without error", { status: { message: "fine" } }, { status: { code: 0, message: "fine" } }],
  ])("accepts %s", (_, fields, expected) => {
    expect(decodeOtlp(request(jsonSpan(fields)), { validation: "interoperable" })[0]).toMatchObject(expected);
  });

  it.each<[string, Json]>([
    ["an all-zero id", { spanId: "0".repeat(16) }],
    ["a number that lost digits", { startTimeUnixNano: 1.7e18 }],
    ["a name of the .proto file", { trace_id: TRACE }],
    ["an end before the start", { endTimeUnixNano: 1 }],
  ])("still refuses %s", (_, fields) => {
    expect(problemsOf(request(jsonSpan(fields)), "interoperable")).toHaveLength(1);
  });

  it("accepts an empty request", () => {
    expect(decodeOtlp("{}", { validation: "interoperable" })).toEqual([]);
  });
});

const text = fc.string({ unit: "grapheme", maxLength: 12 });
const requiredText = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 });
const hex = (digits: number): fc.Arbitrary<string> =>
  fc
    .string({ unit: fc.constantFrom(..."0123456789abcdef"), minLength: digits, maxLength: digits })
    .filter((id) => /[1-9a-f]/.test(id));
/** Quarters of a millisecond in this century: exact as a number and as nanoseconds. */
const moment = fc.integer({ min: 0, max: 4_000_000_000_000 * 4 }).map((quarters) => quarters / 4);
const int64Beyond53 = fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n - 1n });
const value: fc.Arbitrary<AttributeValue> = fc.oneof(
  text,
  fc.boolean(),
  fc.double(),
  fc.integer(),
  int64Beyond53,
  fc.uint8Array({ maxLength: 8 }),
  fc.array(text, { maxLength: 3 }),
  fc.array(fc.boolean(), { maxLength: 3 }),
  fc.array(fc.double(), { maxLength: 3 }),
  fc.array(int64Beyond53, { maxLength: 3 }),
);
const attributes: fc.Arbitrary<Attributes> = fc.dictionary(requiredText, value, { maxKeys: 4, noNullPrototype: true });
const count = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const context = fc.record(
  {
    traceId: hex(32),
    spanId: hex(16),
    traceFlags: fc.integer({ min: 0, max: 255 }),
    traceState: requiredText,
    isRemote: fc.boolean(),
  },
  { requiredKeys: ["traceId", "spanId", "traceFlags"] },
);
const span: fc.Arbitrary<SpanRecord> = fc
  .record(
    {
      name: requiredText,
      kind: fc.constantFrom("internal", "server", "client", "producer", "consumer"),
      traceId: hex(32),
      spanId: hex(16),
      traceFlags: fc.integer({ min: 0, max: 255 }),
      traceState: requiredText,
      parentSpanId: hex(16),
      parentIsRemote: fc.boolean(),
      startTime: moment,
      endTime: fc.constant(0),
      attributes,
      events: fc.array(fc.record({ name: requiredText, time: moment, attributes, droppedAttributesCount: count }), {
        maxLength: 2,
      }),
      links: fc.array(fc.record({ context, attributes, droppedAttributesCount: count }), { maxLength: 2 }),
      status: fc.oneof(
        fc.constantFrom({ code: 0 as const }, { code: 1 as const }, { code: 2 as const }),
        fc.record({ code: fc.constant(2 as const), message: requiredText }),
      ),
      droppedAttributesCount: count,
      droppedEventsCount: count,
      droppedLinksCount: count,
    },
    { noNullPrototype: true },
  )
  .chain((fields) => fc.nat(1_000_000).map((length) => ({ ...fields, endTime: fields.startTime + length / 4 })))
  .filter((fields) => fields.parentSpanId !== fields.spanId);

describe("decodeOtlp as a property", () => {
  it("gives back what was encoded", () => {
    fc.assert(
      fc.property(fc.array(span, { maxLength: 3 }), attributes, (spans, resource) => {
        const decoded = decodeOtlp(encodeForTest(spans, resource));
        expect(
          decoded.map(({ resource: _r, scope: _s, startTimeUnixNano: _a, endTimeUnixNano: _e, ...rest }) => rest),
        ).toEqual(spans);
        for (const one of decoded) expect(one.resource).toEqual(resource);
      }),
      { seed: 20, numRuns: 150 },
    );
  });

  it("throws nothing but its own error, whatever the JSON", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (json) => {
        const bodies = [json, { resourceSpans: json }, { resourceSpans: [{ scopeSpans: [{ spans: [json] }] }] }];
        for (const body of bodies) problemsOf(JSON.stringify(body));
      }),
      { seed: 21, numRuns: 200 },
    );
  });

  it("notices any single field of a span that has a wrong type", () => {
    const fields = Object.keys(jsonSpan());
    fc.assert(
      fc.property(fc.constantFrom(...fields), fc.constantFrom([], {}, true, -1, 1.5), (field, wrong) => {
        expect(problemsOf(request(jsonSpan({ [field]: wrong })))).not.toEqual([]);
      }),
      { seed: 22 },
    );
  });
});
