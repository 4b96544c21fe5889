/** Trace context in HTTP headers: every shape of headers behaves the same, and none can make it throw. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { extractHeaders, injectHeaders, type HeaderSource } from "../../src/propagation/index.js";
import { anything, baggageEntry, lineage, runs, spanContext } from "./arbitraries.js";

const ids = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", traceFlags: 1 };
const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const remote = { ...ids, isRemote: true };

type Pair = [name: string, value: string];

function toRecord(pairs: readonly Pair[]): Record<string, string | string[]> {
  const record: Record<string, string | string[]> = {};
  for (const [name, value] of pairs) {
    const before = record[name];
    record[name] = before === undefined ? value : [before, value].flat();
  }
  return record;
}

function toHeaders(pairs: readonly Pair[]): Headers {
  const headers = new Headers();
  for (const [name, value] of pairs) headers.append(name, value);
  return headers;
}

/** The same header fields in every shape that is accepted. */
const shapes: [string, (pairs: Pair[]) => HeaderSource][] = [
  ["Headers", toHeaders],
  ["pairs", (pairs) => pairs],
  ["record", toRecord],
  ["record without prototype", (pairs) => Object.assign(Object.create(null), toRecord(pairs))],
  ["generator", (pairs) => pairs.values()],
];

describe.each(shapes)("extractHeaders from %s", (_, toSource) => {
  it.each<[string, Pair[], object]>([
    ["nothing", [], { baggage: [] }],
    ["a span", [["traceparent", traceparent]], { baggage: [], spanContext: remote }],
    ["names in any case", [["TraceParent", traceparent], ["TRACESTATE", "foo=1"], ["Baggage", "k=v"], ["X-Correlation-ID", "id"]], { baggage: [{ key: "k", value: "v" }], spanContext: { ...remote, traceState: "foo=1" }, correlationId: "id" }], // prettier-ignore
    [
      "other names of the same length",
      [
        ["traceparemt", traceparent],
        ["bagpipe", "k=v"],
      ],
      { baggage: [] },
    ],
    [
      "two traceparents",
      [
        ["traceparent", traceparent],
        ["traceparent", traceparent],
      ],
      { baggage: [] },
    ],
    ["two traceparents of a later version", [["traceparent", traceparent.replace("00", "cc") + "-x"], ["traceparent", traceparent]], { baggage: [] }], // prettier-ignore
    ["two traceparents, but baggage", [["traceparent", traceparent], ["traceparent", traceparent], ["tracestate", "foo=1"], ["baggage", "k=v"]], { baggage: [{ key: "k", value: "v" }] }], // prettier-ignore
    ["tracestate in several headers", [["traceparent", traceparent], ["tracestate", "a=1"], ["tracestate", ""], ["tracestate", "b=2"]], { baggage: [], spanContext: { ...remote, traceState: "a=1,b=2" } }], // prettier-ignore
    ["baggage in several headers", [["baggage", "a=1"], ["baggage", "b=2"]], { baggage: [{ key: "a", value: "1" }, { key: "b", value: "2" }] }], // prettier-ignore
    ["the lineage", [["traceparent", traceparent], ["tracestate", "cvx=1;5;;;;,a=1"]], { baggage: [], spanContext: { ...remote, traceState: "a=1" }, lineage: { hops: 1, rootStartTime: 5 } }], // prettier-ignore
    ["correlation id of the baggage", [["baggage", "correlation.id=b"]], { baggage: [{ key: "correlation.id", value: "b" }], correlationId: "b" }], // prettier-ignore
    ["correlation id of the header wins", [["baggage", "correlation.id=b"], ["x-correlation-id", "h"]], { baggage: [{ key: "correlation.id", value: "b" }], correlationId: "h" }], // prettier-ignore
    ["an invalid header leaves that of the baggage", [["baggage", "correlation.id=b"], ["x-correlation-id", "two words"]], { baggage: [{ key: "correlation.id", value: "b" }], correlationId: "b" }], // prettier-ignore
    [
      "two correlation ids are none",
      [
        ["x-correlation-id", "a"],
        ["x-correlation-id", "b"],
      ],
      { baggage: [] },
    ],
    ["whitespace around a correlation id", [["x-correlation-id", "\t id "]], { baggage: [], correlationId: "id" }],
  ])("%s", (_name, pairs, expected) => {
    expect(extractHeaders(toSource(pairs))).toStrictEqual(expected);
  });
});

describe("extractHeaders", () => {
  it("reads a Map without regard to the case of names", () => {
    expect(extractHeaders(new Map([["TraceParent", traceparent]])).spanContext).toStrictEqual(remote);
  });

  it("counts two spellings of a name as two headers", () => {
    expect(extractHeaders({ traceparent, Traceparent: traceparent })).toStrictEqual({ baggage: [] });
  });

  it("takes an array of one for one header", () => {
    expect(extractHeaders({ traceparent: [traceparent] }).spanContext).toStrictEqual(remote);
  });

  it("ignores values that are not there", () => {
    expect(extractHeaders({ traceparent: undefined, baggage: "k=v" }).baggage).toHaveLength(1);
    expect(extractHeaders({ get: () => undefined })).toStrictEqual({ baggage: [] });
  });

  it("propagates a long tracestate of others as far as 512 characters go", () => {
    const members = Array.from({ length: 6 }, (_, at) => `k${at}=${"x".repeat(97)}`);
    const { spanContext: context } = extractHeaders({ traceparent, tracestate: members.join(",") });
    expect(context?.traceState).toBe(members.slice(0, 5).join(","));
  });

  it.each([
    ["get", { get: fail }],
    ["iterator", { [Symbol.iterator]: fail }],
    ["proxy", new Proxy({}, { has: fail, ownKeys: fail, get: fail })],
    ["value", { baggage: Object.assign([], { join: fail }) }],
  ])("does not throw what the source throws: %s", (_, source) => {
    expect(extractHeaders(source)).toStrictEqual({ baggage: [] });
  });

  it("never throws, not even for what no header source is", () => {
    fc.assert(
      fc.property(anything, (value) => {
        expect(Reflect.apply(extractHeaders, undefined, [value])).toHaveProperty("baggage");
        const pairs = [["traceparent", value], value, [value, value]];
        expect(Reflect.apply(extractHeaders, undefined, [pairs])).toHaveProperty("baggage");
      }),
      runs,
    );
  });
});

const content = {
  spanContext: { ...ids, traceState: "foo=1" },
  lineage: { hops: 1, rootStartTime: 5 },
  baggage: [{ key: "k", value: "v" }],
  correlationId: "id",
};

const written = {
  traceparent,
  tracestate: "cvx=1;5;;;;,foo=1",
  baggage: "k=v",
  "x-correlation-id": "id",
};

describe("injectHeaders", () => {
  it("sets all four in Headers and returns them", () => {
    const headers = new Headers({ accept: "*/*" });
    expect(injectHeaders(headers, content)).toBe(headers);
    expect(Object.fromEntries(headers)).toStrictEqual({ accept: "*/*", ...written });
  });

  it("sets all four in a plain object and returns it", () => {
    const headers: Record<string, string> = { accept: "*/*" };
    expect(injectHeaders(headers, content)).toBe(headers);
    expect(headers).toStrictEqual({ accept: "*/*", ...written });
  });

  it("sets them in a Map", () => {
    expect(Object.fromEntries(injectHeaders(new Map<string, string>(), content))).toStrictEqual(written);
  });

  it("adds no second spelling of a name", () => {
    const headers = { TraceParent: "old", TRACEPARENT: "older", "X-Correlation-ID": "old" };
    expect(injectHeaders(headers, { spanContext: ids, correlationId: "id" })).toStrictEqual({
      TraceParent: traceparent,
      TRACEPARENT: traceparent,
      "X-Correlation-ID": "id",
    });
  });

  it("leaves headers alone for which there is nothing to say", () => {
    const before = { traceparent: "a", tracestate: "b", baggage: "c", "x-correlation-id": "d" };
    expect(injectHeaders({ ...before }, {})).toStrictEqual(before);
    expect(injectHeaders({ ...before }, { spanContext: { ...ids, spanId: "x" } })).toStrictEqual(before);
  });

  it("does not send a correlation id that is not valid", () => {
    expect(injectHeaders({}, { correlationId: "a\r\nset-cookie: b" })).toStrictEqual({});
  });

  it.each([
    ["frozen object", Object.freeze({})],
    ["set that throws", { set: fail }],
    ["proxy", new Proxy({}, { get: fail, set: fail, ownKeys: fail })],
  ])("does not throw what the target throws: %s", (_, target) => {
    expect(injectHeaders(target, content)).toBe(target);
  });

  it("never throws for what is no target or no content", () => {
    fc.assert(
      fc.property(anything, anything, (target, value) => {
        expect(Reflect.apply(injectHeaders, undefined, [target, value])).toBe(target);
      }),
      runs,
    );
  });

  it("is the inverse of extractHeaders, for every shape", () => {
    fc.assert(
      fc.property(spanContext, lineage, fc.array(baggageEntry, { maxLength: 3 }), (context, stage, baggage) => {
        const full = { spanContext: context, lineage: stage, baggage, correlationId: "id" };
        const expected = { ...full, spanContext: { ...context, isRemote: true } };
        const record = injectHeaders({}, full);
        expect(extractHeaders(record)).toStrictEqual(expected);
        expect(extractHeaders(Object.entries<string>(record))).toStrictEqual(expected);
        expect(extractHeaders(injectHeaders(new Headers(), full))).toStrictEqual(expected);
      }),
      runs,
    );
  });
});

function fail(): never {
  throw new Error("no");
}
