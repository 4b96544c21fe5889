/** The adapter where there is more than a provider, or less: Convex calls, no context manager, a second copy of the library. */
import { AsyncLocalStorage } from "node:async_hooks";
import { trace } from "@opentelemetry/api";
import { afterEach, describe, expect, it, vi } from "vitest";
import { traceFetchHandler, tracedFetch } from "../../../src/adapters/http/index.js";
import { asyncContextStore, installContextStore } from "../../../src/core/context.js";
import type { Recorder } from "../../../src/core/recorder.js";
import { getCorrelationId, withSpan } from "../../../src/index.js";
import { spanTree } from "../../../src/testing/index.js";
import { newRecorder } from "../../core/support.js";
import { diagnosed, PARENT_ID, register, traceparent } from "./support.js";

const STORE = Symbol.for("convex-otel.context.v1");

const ok = () => new Response("fine");

/** Runs `fn` in a Convex call that is being recorded. */
function inCall<T>(recorder: Recorder, fn: () => T): T {
  const store = installContextStore(() => asyncContextStore(new AsyncLocalStorage()));
  const call = { hops: 2, rootStartTime: 1000, correlationId: "order-7" };
  return store.run({ span: recorder.entry, call }, fn);
}

afterEach(() => Reflect.deleteProperty(globalThis, STORE));

describe("within a Convex call", () => {
  it("a handler adds no span to that of the HTTP action, and its spans belong to the call", () => {
    const recorded = register();
    const recorder = newRecorder();
    const handler = traceFetchHandler(() => withSpan("work", ok), { route: "/a" });
    expect(inCall(recorder, () => handler(new Request("https://x.example/"))).headers.has("x-correlation-id")).toBe(
      false,
    );
    expect([spanTree(recorder.finish()), recorded.spans()]).toEqual(["entry\n└─ work", []]);
  });

  it("a request is a span of the call, and tells listed hosts of it", async () => {
    const recorder = newRecorder();
    const sent: Headers[] = [];
    const fetch = tracedFetch({
      propagateTo: ["x.example"],
      fetch: (_input, init) => {
        sent.push(new Headers(init?.headers));
        return Promise.resolve(new Response(null, { status: 404 }));
      },
    });
    await inCall(recorder, () => fetch("https://x.example/"));
    const spans = recorder.finish();
    expect(spanTree(spans, { attributes: ["correlation.id"] })).toBe(
      "entry\n└─ GET [client] {correlation.id=order-7}\n     ! error: 404",
    );
    const [, { traceId, spanId } = expect.fail("no span")] = spans;
    expect(Object.fromEntries(sent[0] ?? [])).toEqual({
      traceparent: `00-${traceId}-${spanId}-03`,
      tracestate: "cvx=3;1000;;;;",
      baggage: "correlation.id=order-7",
      "x-correlation-id": "order-7",
    });
  });
});

describe("without a context manager", () => {
  it("a request still continues its caller, and has its correlation id", async () => {
    const recorded = register({ contexts: "none" });
    const headers = { traceparent: traceparent(), "x-correlation-id": "order-7" };
    const handler = traceFetchHandler(async () => withSpan("apart", async () => new Response(getCorrelationId())));
    const response = await handler(new Request("https://x.example/", { headers }));
    expect([await response.text(), response.headers.get("x-correlation-id")]).toEqual(["", "order-7"]);
    expect(recorded.tree("correlation.id").split("\n\n").sort()).toEqual([
      "GET [server] (parent elsewhere) {correlation.id=order-7}",
      "apart",
    ]);
    expect(recorded.spans().find(({ kind }) => kind === "server")?.parentSpanId).toBe(PARENT_ID);
  });
});

describe("a second copy of the library", () => {
  it("knows what the first one traces", async () => {
    const recorded = register();
    const { said, diagnostics } = diagnosed();
    vi.resetModules();
    const copy = await import("../../../src/adapters/http/index.js");
    expect(copy.traceFetchHandler).not.toBe(traceFetchHandler);
    const inner = copy.traceFetchHandler(ok, { route: "/inner", diagnostics });
    const outer = traceFetchHandler((request) => inner(request));
    outer(new Request("https://x.example/"));
    expect(copy.traceFetchHandler(outer, { diagnostics: () => {} })).toBe(outer);
    const named = traceFetchHandler(() => {
      copy.setHttpRoute("/said");
      return ok();
    });
    named(new Request("https://x.example/"));
    expect([recorded.tree(), said]).toEqual(["GET /inner [server]\n\nGET /said [server]", ["http.wrapped_twice"]]);
  });
});

it("a provider that throws does not reach the program", async () => {
  const recorded = register();
  const { said, diagnostics } = diagnosed();
  trace.disable();
  const getTracer = () => {
    throw new Error("broken");
  };
  trace.setGlobalTracerProvider({ getTracer });
  const fetch = tracedFetch({ fetch: () => Promise.resolve(ok()), diagnostics });
  expect(traceFetchHandler(ok, { diagnostics })(new Request("https://x.example/")).status).toBe(200);
  expect((await fetch("https://x.example/")).status).toBe(200);
  expect([recorded.spans(), said]).toEqual([[], ["http.not_traced"]]);
});

it("nor one whose spans throw", async () => {
  register();
  const { said, diagnostics } = diagnosed();
  trace.disable();
  const fail = () => {
    throw new Error("broken");
  };
  const spanContext = () => ({ traceId: "1".repeat(32), spanId: "2".repeat(16), traceFlags: 1 });
  const span = { spanContext, isRecording: () => true, setAttribute: fail, setAttributes: fail, end: fail };
  trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan: () => span }) } as never);
  const fetch = tracedFetch({ fetch: () => Promise.resolve(ok()), diagnostics });
  expect(traceFetchHandler(ok, { diagnostics })(new Request("https://x.example/")).status).toBe(200);
  expect((await fetch("https://x.example/")).status).toBe(200);
  expect(said).toEqual(["http.not_described", "http.not_described"]);
});
