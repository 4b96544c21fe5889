import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SpanRecord } from "../../src/core/types.js";
import { type EncodedRequest, halveRequest } from "../../src/otlp/protobuf/halveRequest.js";
import { SpanBatch } from "../../src/otlp/protobuf/spanBatch.js";
import { record } from "./arbitraries.js";
import { decodeRequest } from "./protobufSchema.js";
import { resource, span, spans } from "./spans.js";

/** The request, and its spans in the order in which they are in it. */
function requestOf(records: readonly SpanRecord[]): EncodedRequest {
  const batch = new SpanBatch(resource);
  for (const one of records) batch.add(one);
  return { spanCount: batch.spanCount, bytes: batch.finish() };
}

interface Decoded {
  readonly resourceSpans: readonly { readonly resource: object; readonly scopeSpans: readonly Scope[] }[];
}
interface Scope {
  readonly scope: object;
  readonly schemaUrl?: string;
  readonly spans: readonly object[];
}

function decoded({ bytes }: EncodedRequest): Decoded {
  return decodeRequest(bytes) as unknown as Decoded;
}

/** Each span with the scope that it stands under. */
function spansWithScope(request: EncodedRequest): object[] {
  const scopes = decoded(request).resourceSpans.flatMap(({ scopeSpans }) => scopeSpans);
  return scopes.flatMap((one) => one.spans.map((each) => ({ scope: one.scope, schemaUrl: one.schemaUrl, span: each })));
}

describe("halveRequest", () => {
  it("loses nothing, for any spans", () => {
    const scoped = fc
      .tuple(record, fc.constantFrom(undefined, { name: "pg" }, { name: "ai", schemaUrl: "https://example.com/1" }))
      .map(([one, scope]): SpanRecord => ({ ...one, ...(scope === undefined ? {} : { scope }) }));
    fc.assert(
      fc.property(fc.array(scoped, { minLength: 2, maxLength: 9 }), (records) => {
        const whole = requestOf(records);
        const halves = halveRequest(whole) ?? expect.fail("not halved");
        expect(halves.map(({ spanCount }) => spanCount)).toEqual([
          Math.ceil(records.length / 2),
          Math.floor(records.length / 2),
        ]);
        expect(halves.map((half) => spansWithScope(half).length)).toEqual(halves.map(({ spanCount }) => spanCount));
        expect(halves.flatMap(spansWithScope)).toEqual(spansWithScope(whole));
        for (const half of halves) {
          expect(decoded(half).resourceSpans).toHaveLength(1);
          expect(decoded(half).resourceSpans[0]).toMatchObject({ resource: decoded(whole).resourceSpans[0]?.resource });
        }
      }),
      { seed: 31, numRuns: 100 },
    );
  });

  it("goes down to single spans, and no further", () => {
    const [first, second] = halveRequest(requestOf(spans(3))) ?? expect.fail("not halved");
    expect(halveRequest(first)?.map(({ spanCount }) => spanCount)).toEqual([1, 1]);
    expect(halveRequest(second)).toBeUndefined();
    expect(halveRequest(requestOf([span()]))).toBeUndefined();
  });

  it.each([
    ["no message", Buffer.from("<html>")],
    ["nothing", new Uint8Array(0)],
    ["two resources", new Uint8Array([0x0a, 0, 0x0a, 0])],
    ["a broken resource", new Uint8Array([0x0a, 1, 0x0a])],
    ["a broken scope", new Uint8Array([0x0a, 3, 0x12, 1, 0x0a])],
  ])("leaves bytes alone that are %s", (_, bytes) => expect(halveRequest({ bytes, spanCount: 2 })).toBeUndefined());
});
