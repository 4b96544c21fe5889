/** The carrier: what a call hands to the next one arrives, and what does not belong there changes nothing. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  CARRIER_FIELD,
  decodeCarrier,
  encodeCarrier,
  formatLineage,
  parseTracestate,
  type Lineage,
} from "../../src/propagation/index.js";
import { anything, baggageEntry, lineage, runs, spanContext } from "./arbitraries.js";

const ids = { traceId: "0af7651916cd43dd8448eb211c80319c", spanId: "b7ad6b7169203331", traceFlags: 1 };
const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const remote = { ...ids, isRemote: true };
const stage: Lineage = { hops: 2, rootStartTime: 1_760_000_000_000 };
const own = formatLineage(stage);

describe("CARRIER_FIELD", () => {
  it("does not change: pending jobs hold it", () => {
    expect(CARRIER_FIELD).toBe("_otel");
  });
});

describe("encodeCarrier", () => {
  it.each([
    ["nothing", {}, {}],
    ["a span", { spanContext: ids }, { traceparent }],
    ["a span and a lineage", { spanContext: ids, lineage: stage }, { traceparent, tracestate: own }],
    [
      "members of others come after ours",
      { spanContext: { ...ids, traceState: "foo=1,bar=2" }, lineage: stage },
      { traceparent, tracestate: `${own},foo=1,bar=2` },
    ],
    [
      "members of others alone",
      { spanContext: { ...ids, traceState: "foo=1,bar=2" } },
      { traceparent, tracestate: "foo=1,bar=2" },
    ],
    [
      "members of others are tidied up",
      { spanContext: { ...ids, traceState: " foo=1 ,, bar=2" } },
      { traceparent, tracestate: "foo=1,bar=2" },
    ],
    [
      "an illegal list of others is dropped, not ours",
      { spanContext: { ...ids, traceState: "foo=1,BAR=2" }, lineage: stage },
      { traceparent, tracestate: own },
    ],
    [
      "a stale member of ours is replaced",
      { spanContext: { ...ids, traceState: "foo=1,cvx=9;1;;;;" }, lineage: stage },
      { traceparent, tracestate: `${own},foo=1` },
    ],
    ["an empty list", { spanContext: { ...ids, traceState: "" } }, { traceparent }],
    ["only baggage", { baggage: [{ key: "k", value: "v" }] }, { baggage: "k=v" }],
    ["a lineage needs a span", { lineage: stage }, {}],
    ["empty baggage", { spanContext: ids, baggage: [] }, { traceparent }],
    ["baggage of illegal entries", { baggage: [{ key: "a b", value: "v" }] }, {}],
    [
      "an invalid span, but baggage",
      { spanContext: { ...ids, traceId: "0".repeat(32), traceState: "foo=1" }, baggage: [{ key: "k", value: "v" }] },
      { baggage: "k=v" },
    ],
    ["undefined fields", { spanContext: undefined, lineage: undefined, baggage: undefined }, {}],
  ])("%s", (_, content, expected) => {
    expect(encodeCarrier(content)).toStrictEqual(expected);
  });

  it("drops members of others rather than ours: right-most beyond 32", () => {
    const others = Array.from({ length: 32 }, (_, at) => `k${at}=${at}`);
    const { tracestate } = encodeCarrier({ spanContext: { ...ids, traceState: others.join(",") }, lineage: stage });
    expect(tracestate).toBe([own, ...others.slice(0, 31)].join(","));
  });

  it("drops members of others rather than ours: beyond 512 characters", () => {
    const long: Lineage = { ...stage, callee: "x".repeat(200) };
    const traceState = `large=${"y".repeat(200)},small=${"z".repeat(100)}`;
    const { tracestate } = encodeCarrier({ spanContext: { ...ids, traceState }, lineage: long });
    expect(tracestate).toBe(`${formatLineage(long)},small=${"z".repeat(100)}`);
  });

  it("fills 512 characters exactly, ours included", () => {
    const value = (length: number): string => `foo=${"x".repeat(250)},bar=${"y".repeat(length)}`;
    const room = 512 - own.length - 1;
    const full = value(room - value(0).length);
    const { tracestate } = encodeCarrier({ spanContext: { ...ids, traceState: full }, lineage: stage });
    expect(tracestate).toBe(`${own},${full}`);
    expect(tracestate).toHaveLength(512);
    const { tracestate: less } = encodeCarrier({ spanContext: { ...ids, traceState: `${full}y` }, lineage: stage });
    expect(less).toBe(`${own},foo=${"x".repeat(250)}`);
  });

  it("keeps ours even where nothing else fits", () => {
    const long: Lineage = { ...stage, callee: "x".repeat(256 - "2;1760000000000;;;;".length) };
    const traceState = `a=${"y".repeat(256)}`;
    const { tracestate } = encodeCarrier({ spanContext: { ...ids, traceState }, lineage: long });
    expect(tracestate).toBe(formatLineage(long));
  });
});

describe("decodeCarrier", () => {
  it.each([
    ["a span", { traceparent }, { baggage: [], spanContext: remote }],
    [
      "our member is taken out in front",
      { traceparent, tracestate: `${own},foo=1` },
      { baggage: [], spanContext: { ...remote, traceState: "foo=1" }, lineage: stage },
    ],
    [
      "our member is taken out in the middle",
      { traceparent, tracestate: `foo=1,${own},bar=2` },
      { baggage: [], spanContext: { ...remote, traceState: "foo=1,bar=2" }, lineage: stage },
    ],
    [
      "our member is taken out behind one of the same length",
      { traceparent, tracestate: "foo=1;5;;;;,cvx=2;6;;;;" },
      { baggage: [], spanContext: { ...remote, traceState: "foo=1;5;;;;" }, lineage: { hops: 2, rootStartTime: 6 } },
    ],
    [
      "our member is taken out where there is whitespace",
      { traceparent, tracestate: " cvx=2;6;;;; , foo=1,, bar=2" },
      { baggage: [], spanContext: { ...remote, traceState: "foo=1,bar=2" }, lineage: { hops: 2, rootStartTime: 6 } },
    ],
    ["our member alone", { traceparent, tracestate: own }, { baggage: [], spanContext: remote, lineage: stage }],
    [
      "our member twice: the left-most counts, none stays",
      { traceparent, tracestate: `${own},foo=1,cvx=9;1;;;;` },
      { baggage: [], spanContext: { ...remote, traceState: "foo=1" }, lineage: stage },
    ],
    [
      "our member, malformed, is taken out as well",
      { traceparent, tracestate: "cvx=nonsense,foo=1" },
      { baggage: [], spanContext: { ...remote, traceState: "foo=1" } },
    ],
    [
      "a key that only ends like ours",
      { traceparent, tracestate: "xcvx=1" },
      { baggage: [], spanContext: { ...remote, traceState: "xcvx=1" } },
    ],
    [
      "an illegal tracestate leaves the traceparent alone",
      { traceparent, tracestate: `${own},FOO=1` },
      { baggage: [], spanContext: remote },
    ],
    ["a tracestate without traceparent", { tracestate: own }, { baggage: [] }],
    ["a tracestate with a malformed traceparent", { traceparent: "00-x", tracestate: own }, { baggage: [] }],
    [
      "baggage and correlation id",
      { traceparent, baggage: "correlation.id=evt_1,k=v" },
      {
        baggage: [
          { key: "correlation.id", value: "evt_1" },
          { key: "k", value: "v" },
        ],
        spanContext: remote,
        correlationId: "evt_1",
      },
    ],
    [
      "baggage alone",
      { baggage: "correlation.id=evt_1" },
      { baggage: [{ key: "correlation.id", value: "evt_1" }], correlationId: "evt_1" },
    ],
    [
      "baggage with a malformed traceparent",
      { traceparent: "junk", baggage: "correlation.id=evt_1" },
      { baggage: [{ key: "correlation.id", value: "evt_1" }], correlationId: "evt_1" },
    ],
    [
      "a correlation id that is not valid",
      { baggage: "correlation.id=a%20b" },
      { baggage: [{ key: "correlation.id", value: "a b" }] },
    ],
    ["fields of other types", { traceparent: 1, tracestate: {}, baggage: ["k=v"] }, { baggage: [] }],
    ["other fields", { traceparent, extra: "x".repeat(10_000) }, { baggage: [], spanContext: remote }],
    ["empty object", {}, { baggage: [] }],
    ["array", [traceparent], { baggage: [] }],
    ["string", traceparent, { baggage: [] }],
    ["undefined", undefined, { baggage: [] }],
    ["null", null, { baggage: [] }],
    ["function", () => traceparent, { baggage: [] }],
  ])("%s", (_, value, expected) => {
    expect(decodeCarrier(value)).toStrictEqual(expected);
  });

  it("takes 8768 characters, and is as empty as none beyond that", () => {
    const fits = { traceparent, tracestate: " ".repeat(521), baggage: `k=${"v".repeat(8190)}` };
    expect(decodeCarrier(fits)).toMatchObject({ spanContext: remote });
    expect(decodeCarrier({ ...fits, tracestate: " ".repeat(522) })).toStrictEqual({ baggage: [] });
  });

  it("shrinks a long tracestate of others to 512 characters", () => {
    const members = ["a", "b", "c"].map((key) => `${key}=${"x".repeat(250)}`);
    const { spanContext: context } = decodeCarrier({ traceparent, tracestate: members.join(",") });
    expect(context?.traceState).toBe(members.slice(0, 2).join(","));
  });

  it.each([
    [
      "getter",
      {
        get traceparent() {
          throw new Error("no");
        },
      },
    ],
    [
      "proxy",
      new Proxy(
        {},
        {
          get() {
            throw new Error("no");
          },
        },
      ),
    ],
    ["revoked proxy", revoked()],
  ])("does not throw what the value throws: %s", (_, value) => {
    expect(decodeCarrier(value)).toStrictEqual({ baggage: [] });
  });

  it("never throws", () => {
    const lookalike = fc.record({ traceparent: anything, tracestate: anything, baggage: anything });
    fc.assert(
      fc.property(fc.oneof(anything, lookalike), (value) => {
        expect(decodeCarrier(value).baggage).toBeInstanceOf(Array);
      }),
      runs,
    );
  });

  it("is the inverse of encodeCarrier", () => {
    fc.assert(
      fc.property(spanContext, lineage, fc.array(baggageEntry, { maxLength: 4 }), (context, stageOf, baggage) => {
        const carrier = encodeCarrier({ spanContext: context, lineage: stageOf, baggage });
        const extracted = decodeCarrier(carrier);
        expect(extracted).toStrictEqual({ baggage, spanContext: { ...context, isRemote: true }, lineage: stageOf });
        expect(encodeCarrier(extracted)).toStrictEqual(carrier);
      }),
      runs,
    );
  });

  it("reads whatever encodeCarrier writes, also for contexts of other libraries", () => {
    const foreign = fc.record({
      traceId: fc.oneof(fc.constant(ids.traceId), fc.string({ unit: "binary" })),
      spanId: fc.oneof(fc.constant(ids.spanId), fc.string({ unit: "binary" })),
      traceFlags: fc.integer(),
      traceState: fc.string({ unit: "binary", maxLength: 600 }),
    });
    fc.assert(
      fc.property(foreign, (context) => {
        const carrier = encodeCarrier({ spanContext: context, lineage: stage });
        expect(decodeCarrier(carrier).lineage).toStrictEqual(carrier.traceparent === undefined ? undefined : stage);
        expect(parseTracestate(carrier.tracestate ?? "")).toBeDefined();
      }),
      runs,
    );
  });
});

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}
