/** Spans of several libraries in one text: each under its own scope, within the same limits. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeSpans } from "../../src/otlp/encode.js";
import { countSpans, splitText } from "../../src/otlp/split.js";
import type { InstrumentationScope, SpanRecord } from "../../src/core/types.js";

const OWN = { name: "convex-otel", version: "1" };

function span(name: string, scope?: InstrumentationScope, attributes = {}): SpanRecord {
  return {
    name,
    kind: "internal",
    traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
    spanId: "00f067aa0ba902b7",
    traceFlags: 1,
    parentIsRemote: false,
    startTime: 1,
    endTime: 2,
    attributes,
    events: [],
    links: [],
    status: { code: 0 },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    ...(scope === undefined ? {} : { scope }),
  };
}

interface Encoded {
  readonly scopeSpans: readonly {
    readonly scope: InstrumentationScope;
    readonly schemaUrl?: string;
    readonly spans: readonly { readonly name: string; readonly attributes: readonly unknown[] }[];
  }[];
}

const resource = { attributes: {} };
const parse = (text: string) =>
  (JSON.parse(text) as Encoded).scopeSpans.map(({ scope, schemaUrl, spans }) => [
    scope,
    schemaUrl,
    spans.map(({ name }) => name),
  ]);

const SCHEMA = "https://opentelemetry.io/schemas/1.45.0";

describe("encodeSpans with spans of several libraries", () => {
  it("puts those of each under its scope, in the order in which the libraries come", () => {
    const ai = { name: "ai" };
    const db = { name: "db", version: "2", schemaUrl: "https://example.com/1" };
    const spans = [span("entry"), span("a", ai), span("b", db), span("c", { ...ai }), span("d"), span("e", db)];
    const { text, spanCount } = encodeSpans(spans, { resource, scope: OWN });
    expect(spanCount).toBe(6);
    expect(parse(text)).toEqual([
      [OWN, SCHEMA, ["entry", "d"]],
      [{ name: "ai" }, undefined, ["a", "c"]],
      [{ name: "db", version: "2" }, "https://example.com/1", ["b", "e"]],
    ]);
  });

  it("has no scope without spans, but for a text without any", () => {
    expect(parse(encodeSpans([span("a", { name: "ai" })], { resource, scope: OWN }).text)).toEqual([
      [{ name: "ai" }, undefined, ["a"]],
    ]);
    expect(parse(encodeSpans([], { resource, scope: OWN }).text)).toEqual([[OWN, SCHEMA, []]]);
  });

  it("counts what does not fit on the first span, and can be split", () => {
    const spans = [
      span("entry"),
      ...Array.from({ length: 20 }, (_, index) => span(`s${index}`, { name: `lib${index % 3}` })),
    ];
    const { text, spanCount, droppedSpans } = encodeSpans(spans, { resource, scope: OWN, maxBytes: 3_000 });
    expect([spanCount + droppedSpans, countSpans(text), droppedSpans > 5]).toEqual([21, spanCount, true]);
    expect((JSON.parse(text) as Encoded).scopeSpans[0]?.spans[0]).toMatchObject({
      name: "entry",
      attributes: [{ key: "convex.telemetry.dropped_spans", value: { intValue: String(droppedSpans) } }],
    });
    const [left, right] = splitText(text) ?? [];
    expect(countSpans(left ?? "") + countSpans(right ?? "")).toBe(spanCount);
  });

  it("never exceeds the byte limit", () => {
    const scope = fc.record({ name: fc.string(), schemaUrl: fc.string() });
    const libraries = fc.array(fc.option(scope, { nil: undefined }), { maxLength: 30 });
    fc.assert(
      fc.property(libraries, fc.integer({ min: 1_000, max: 8_000 }), (scopes, maxBytes) => {
        const spans = [
          span("entry"),
          ...scopes.map((given, index) => span(`s${index}`, given, { text: "x".repeat(40) })),
        ];
        const { text, spanCount, droppedSpans } = encodeSpans(spans, { resource, scope: OWN, maxBytes });
        expect(spanCount + droppedSpans).toBe(spans.length);
        expect(Buffer.byteLength(text)).toBeLessThanOrEqual(maxBytes);
      }),
      { seed: 4 },
    );
  });
});
