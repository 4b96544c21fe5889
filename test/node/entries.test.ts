/** What enters a server: sampling and trust as for a public function of Convex, and what is handed on. */
import { context, propagation, ROOT_CONTEXT, trace } from "@opentelemetry/api";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { keepsTrace } from "../../src/core/sampler.js";
import {
  extractCarrier,
  extractHeaders,
  getCorrelationId,
  injectCarrier,
  injectHeaders,
  setCorrelationId,
  startSpan,
  suppressTracing,
  withSpan,
} from "../../src/index.js";
import { continueTrace, propagator } from "../../src/node/index.js";
import { spanTree } from "../../src/testing/index.js";
import { setUp } from "./support.js";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";
const from = (flags: string, rest: object = {}) => ({ traceparent: `00-${TRACE}-${SPAN}-${flags}`, ...rest });

/** A request handler with a span of its own and one below. */
const handle = () => withSpan("GET /x", { kind: "server" }, () => withSpan("below", () => injectCarrier()));

describe("a caller", () => {
  it("is continued, with its flags as they came", async () => {
    const { spans } = setUp();
    for (const flags of ["01", "03"]) {
      expect(continueTrace(from(flags), handle)?.traceparent).toMatch(new RegExp(`^00-${TRACE}-.*-${flags}$`));
    }
    const [below, first] = await spans();
    expect(first).toMatchObject({ traceId: TRACE, parentSpanId: SPAN, parentIsRemote: true, traceFlags: 1 });
    expect(below).toMatchObject({ parentSpanId: first?.spanId, parentIsRemote: false });
  });

  it("that did not sample becomes a link of a new trace that ends as its own does", async () => {
    const { spans } = setUp();
    continueTrace(from("02"), handle);
    const sent = await spans();
    expect(spanTree(sent)).toBe(`GET /x [server]\n│ ~ link to 4bf92f35/00f067aa\n└─ below`);
    expect(sent[0]?.traceId).not.toBe(TRACE);
    expect(sent[0]?.traceId.slice(18)).toBe(TRACE.slice(18));
  });

  it.each([
    ["continue", "GET /x [server] (parent elsewhere)\n└─ below"],
    ["link", "GET /x [server]\n│ ~ link to 4bf92f35/00f067aa\n└─ below"],
    ["ignore", "GET /x [server]\n└─ below"],
  ] as const)("by publicContext %s", async (publicContext, tree) => {
    const { spans } = setUp({ publicContext });
    const id = continueTrace(from("03", { baggage: "correlation.id=evt_1,user=ann" }), () =>
      withSpan("GET /x", { kind: "server" }, () => withSpan("below", getCorrelationId)),
    );
    const sent = await spans();
    expect(spanTree(sent, { allowRemoteParents: [SPAN] })).toBe(tree);
    expect([id, ...sent.map(({ attributes }) => attributes["correlation.id"])]).toEqual(["evt_1", "evt_1", "evt_1"]);
  });

  it("too many hops away is linked", async () => {
    const { spans } = setUp({ traceBound: { maxHops: 2 } });
    continueTrace(from("03", { tracestate: `cvx=3;${Date.now()};;;;` }), handle);
    continueTrace(from("03", { tracestate: `cvx=2;${Date.now()};;;;` }), handle);
    expect(spanTree(await spans(), { allowRemoteParents: [SPAN] })).toBe(
      "GET /x [server]\n│ ~ link to 4bf92f35/00f067aa\n└─ below\n\nGET /x [server] (parent elsewhere)\n└─ below",
    );
  });

  it.each([undefined, null, {}, from("zz"), { traceparent: 5 }, "text", []])(
    "that is none starts a trace: %j",
    async (caller) => {
      const { spans } = setUp();
      withSpan("around", () => continueTrace(caller as never, handle));
      expect(spanTree(await spans())).toBe("around\n\nGET /x [server]\n└─ below");
    },
  );
});

describe("sampling", () => {
  it("decides on the trace id as Convex does, whatever the caller's flag says", async () => {
    const digits = fc.stringMatching(/^[\da-f]{32}$/).filter((id) => !/^0+$/.test(id));
    await fc.assert(
      fc.asyncProperty(
        digits,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.boolean(),
        async (traceId, sampling, flag) => {
          const { tracing } = setUp({ sampling });
          const caller = { traceparent: `00-${traceId}-${SPAN}-0${flag ? 1 : 0}` };
          const recorded = continueTrace(caller, () => withSpan("a", (span) => span.isRecording()));
          await tracing.shutdown();
          expect(recorded).toBe(keepsTrace(traceId, sampling));
        },
      ),
      { numRuns: 50 },
    );
  });

  it("goes by route, by path before the route is known, or by name; spans below follow", async () => {
    const { spans } = setUp({ sampling: { "GET /health": 0, "GET /users/*": 0, "poll:*": 0, below: 0 } });
    const tracer = trace.getTracer("http");
    const request = (attributes: object) =>
      tracer.startActiveSpan("GET", { attributes: { "http.request.method": "GET", ...attributes } }, (span) => {
        withSpan("below", () => undefined);
        span.end();
      });
    request({ "url.path": "/health" });
    request({ "url.path": "/users/7", "http.route": "/users/:id" });
    request({ "url.path": "/orders/7" });
    // As Next.js does.
    tracer.startSpan("GET", { attributes: { "http.method": "GET", "http.target": "/health?deep=1" } }).end();
    withSpan("poll:queue", () => undefined);
    expect(spanTree(await spans())).toBe("GET\n└─ below");
  });

  it("of nothing hands on the caller's trace, unsampled, and leaves no parent behind", async () => {
    const { spans } = setUp({ sampling: 0 });
    const inner = continueTrace(from("03"), handle);
    expect(inner?.traceparent).toMatch(new RegExp(`^00-${TRACE}-(?!${SPAN}).{16}-02$`));
    const root = handle();
    expect(root?.traceparent).toMatch(/-02$/);
    expect(await spans()).toEqual([]);
  });
});

describe("what is handed on", () => {
  it("counts hops from the root, and carries the correlation id", () => {
    setUp();
    const before = Date.now();
    withSpan("a", () => {
      expect(setCorrelationId("not valid!")).toBeUndefined();
      expect(setCorrelationId("evt_1")).toBe("evt_1");
      expect(setCorrelationId("evt_2")).toBe("evt_1");
      withSpan("b", () => {
        const { spanContext, lineage, correlationId } = extractCarrier(injectCarrier());
        expect(spanContext).toMatchObject({ traceFlags: 3 });
        expect([lineage?.hops, correlationId]).toEqual([1, "evt_1"]);
        expect(lineage?.rootStartTime).toBeGreaterThanOrEqual(before - 100);
        expect(injectHeaders({})).toMatchObject({ "x-correlation-id": "evt_1" });
      });
    });
    const started = Date.now() - 1000;
    const again = continueTrace(from("01", { tracestate: `a=b,cvx=4;${started};;;;` }), () =>
      withSpan("a", injectCarrier),
    );
    expect(extractCarrier(again)).toMatchObject({
      spanContext: { traceId: TRACE, traceState: "a=b" },
      lineage: { hops: 5, rootStartTime: started },
    });
  });

  it("names the spans that end after the id is known", async () => {
    const { spans } = setUp();
    withSpan("entry", () => {
      withSpan("before", () => undefined);
      setCorrelationId("evt_1");
      withSpan("after", () => undefined);
    });
    expect(spanTree(await spans(), { attributes: ["correlation.id"] })).toBe(
      "entry {correlation.id=evt_1}\n├─ before\n└─ after {correlation.id=evt_1}",
    );
  });

  it("is nothing where tracing is suppressed", () => {
    setUp();
    withSpan("a", () =>
      suppressTracing(() => {
        const headers = {};
        propagation.inject(context.active(), headers);
        expect([headers, injectHeaders({})]).toEqual([{}, {}]);
        expect(trace.getTracer("x").startSpan("hidden").isRecording()).toBe(false);
      }),
    );
  });

  it("starts a new trace for a span that asks to be a root, under the same correlation id", async () => {
    const { spans } = setUp();
    withSpan("a", () => {
      setCorrelationId("evt_1");
      trace.getTracer("x").startSpan("root", { root: true }).end();
    });
    expect(spanTree(await spans(), { attributes: ["correlation.id"] })).toBe(
      "a {correlation.id=evt_1}\n\nroot {correlation.id=evt_1}",
    );
  });

  it("takes the parent that is named", async () => {
    const { spans } = setUp();
    const parent = startSpan("parent");
    withSpan("elsewhere", () => withSpan("child", { parent }, () => startSpan("grandchild").end()));
    parent.end();
    expect(spanTree(await spans())).toBe("parent\n└─ child\n   └─ grandchild\n\nelsewhere");
  });
});

describe("the propagator", () => {
  const setter = { set: (carrier: Record<string, string>, key: string, value: string) => void (carrier[key] = value) };
  const getter = {
    get: (carrier: Record<string, string | string[]>, key: string) => carrier[key],
    keys: (carrier: object) => Object.keys(carrier),
  };

  it("writes what Convex reads: baggage of the program, and first the correlation id", () => {
    setUp();
    const headers: Record<string, string> = {};
    const baggage = propagation.createBaggage({ tenant: { value: "ä b" } });
    context.with(propagation.setBaggage(context.active(), baggage), () =>
      withSpan("a", (span) => {
        setCorrelationId("evt_1");
        propagation.inject(context.active(), headers);
        expect(extractHeaders(headers)).toMatchObject({
          spanContext: { spanId: span.spanContext().spanId, traceFlags: 3 },
          lineage: { hops: 1 },
          correlationId: "evt_1",
          baggage: [
            { key: "correlation.id", value: "evt_1" },
            { key: "tenant", value: "ä b" },
          ],
        });
      }),
    );
    expect(Object.keys(headers)).toEqual(["traceparent", "tracestate", "baggage", "x-correlation-id"]);
  });

  it("reads anything without throwing, and hands on nothing that is malformed", () => {
    const value = fc.oneof(
      fc.string(),
      fc.array(fc.string()),
      fc.constant(undefined),
      fc.stringMatching(/^00-[\da-f]{32}-[\da-f]{16}-0[0-3]$/),
    );
    fc.assert(
      fc.property(
        fc.record({ traceparent: value, tracestate: value, baggage: value, "x-correlation-id": value }),
        (given) => {
          const read = propagator().extract(ROOT_CONTEXT, given, getter as never);
          const written: Record<string, string> = {};
          propagator().inject(read, written, setter);
          expect(extractHeaders(written)).toEqual(
            propagation.getBaggage(read) === undefined
              ? expect.objectContaining({ baggage: [] })
              : expect.objectContaining({ correlationId: expect.any(String) }),
          );
          for (const text of Object.values(written)) expect(text).toMatch(/^[\x20-\x7e]+$/);
        },
      ),
    );
  });
});
