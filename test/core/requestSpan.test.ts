/** Which request a span works for, and work that leaves its request behind. */
import { context, propagation, ROOT_CONTEXT, type Span as ApiSpan, SpanKind, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { BasicTracerProvider, type SpanProcessor } from "@opentelemetry/sdk-trace-base";
import { AsyncLocalStorage } from "node:async_hooks";
import { afterEach, describe, expect, it } from "vitest";
import { activeContext, asyncContextStore, installContextStore } from "../../src/core/context.js";
import { inNewTrace } from "../../src/core/newTrace.js";
import { noteSpanStart, requestSpan } from "../../src/core/requestSpan.js";
import { getActiveSpan, withSpan } from "../../src/index.js";
import { spanTree } from "../../src/testing/index.js";
import { newRecorder } from "./support.js";

const notes: SpanProcessor = {
  onStart: (span, parent) => noteSpanStart(span, trace.getSpan(parent)),
  onEnd: () => undefined,
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};

function register(spanProcessors: SpanProcessor[]): void {
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors }));
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
}

afterEach(() => {
  trace.disable();
  context.disable();
});

/** Name of the request of the active span. */
function requestName(): unknown {
  const active = getActiveSpan();
  const request = active === undefined ? undefined : requestSpan(active, activeContext());
  return (request as { readonly name?: string } | undefined)?.name;
}

const { SERVER, INTERNAL, CONSUMER } = SpanKind;
const remote = trace.setSpanContext(ROOT_CONTEXT, {
  traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
  spanId: "00f067aa0ba902b7",
  traceFlags: 1,
  isRemote: true,
});

function inSpan<T>(name: string, kind: SpanKind, parent: typeof ROOT_CONTEXT, fn: (span: ApiSpan) => T): T {
  return trace.getTracer("test").startActiveSpan(name, { kind }, parent, fn);
}

describe("requestSpan", () => {
  it.each([
    ["a SERVER span below a remote one", SERVER, remote],
    ["a root of any kind", INTERNAL, ROOT_CONTEXT],
    ["a CONSUMER span", CONSUMER, remote],
  ])("is %s, from whatever depth", (_what, kind, parent) => {
    register([notes]);
    const names = inSpan("request", kind, parent, () => [
      requestName(),
      withSpan("middleware", () => [requestName(), withSpan("query", requestName)]),
    ]);
    expect(names.flat()).toEqual(["request", "request", "request"]);
  });

  it("is the nearest one", () => {
    register([notes]);
    const name = inSpan("outer", SERVER, remote, () => {
      return inSpan("inner", SERVER, context.active(), () => withSpan("query", requestName));
    });
    expect(name).toBe("inner");
  });

  it("without a processor is known on the request itself only", () => {
    register([]);
    const names = inSpan("request", SERVER, remote, () => [requestName(), withSpan("query", requestName)]);
    expect(names).toEqual(["request", undefined]);
  });

  it("of a Convex call is its own span", () => {
    const recorder = newRecorder();
    const store = installContextStore(() => asyncContextStore(new AsyncLocalStorage()));
    const call = { hops: 0, rootStartTime: 0, correlationId: undefined, entry: recorder.entry };
    store.run({ span: recorder.entry, call }, () => {
      withSpan("query", (span) => expect(requestSpan(span, activeContext())).toBe(recorder.entry));
    });
  });
});

describe("inNewTrace", () => {
  it("starts another trace, with the same baggage", () => {
    register([]);
    const baggage = propagation.createBaggage({ "correlation.id": { value: "c1" } });
    const context1 = propagation.setBaggage(remote, baggage);
    inSpan("request", SERVER, context1, (span) => {
      context.with(propagation.setBaggage(context.active(), baggage), () => {
        inNewTrace(() => {
          expect(getActiveSpan()).toBeUndefined();
          expect(propagation.getActiveBaggage()?.getEntry("correlation.id")?.value).toBe("c1");
          withSpan("later", (later) => {
            expect(later.spanContext().traceId).not.toBe(span.spanContext().traceId);
            expect((later as { readonly parentSpanContext?: unknown }).parentSpanContext).toBeUndefined();
          });
        });
      });
    });
  });

  it("stays in a Convex call, and just runs without anything", () => {
    expect(inNewTrace(() => 1)).toBe(1);
    const recorder = newRecorder();
    const store = installContextStore(() => asyncContextStore(new AsyncLocalStorage()));
    const call = { hops: 0, rootStartTime: 0, correlationId: undefined };
    store.run({ span: recorder.entry, call }, () => inNewTrace(() => withSpan("later", () => undefined)));
    expect(spanTree(recorder.finish())).toBe("entry\n└─ later");
  });
});
