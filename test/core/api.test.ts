/** withSpan and its kin: results and errors stay the program's own, wherever the spans go. */
import { context, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { AsyncLocalStorage } from "node:async_hooks";
import { afterEach, describe, expect, it } from "vitest";
import {
  addEvent,
  addLink,
  extractCarrier,
  getActiveSpan,
  recordError,
  setAttributes,
  startSpan,
  suppressTracing,
  traced,
  withSpan,
} from "../../src/index.js";
import { asyncContextStore, installContextStore } from "../../src/core/context.js";
import type { Recorder } from "../../src/core/recorder.js";
import { spanTree } from "../../src/testing/index.js";
import { newRecorder } from "./support.js";

const store = installContextStore(() => asyncContextStore(new AsyncLocalStorage()));

function inCall<T>(recorder: Recorder, fn: () => T): T {
  const call = { hops: 0, rootStartTime: 0, correlationId: undefined };
  return store.run({ span: recorder.entry, call }, fn);
}

const thrown = new TypeError("thrown");

describe("inside a call", () => {
  it("nests by what is awaited, also in parallel", async () => {
    const recorder = newRecorder();
    await inCall(recorder, async () => {
      await Promise.all(
        ["a", "b"].map((name) =>
          withSpan(name, async () => {
            await Promise.resolve();
            await withSpan(`${name}1`, async () => Promise.resolve());
            withSpan(`${name}2`, { kind: "client", attributes: { x: 1 } }, () => setAttributes({ y: 2 }));
          }),
        ),
      );
    });
    expect(spanTree(recorder.finish(), { attributes: ["x", "y"] })).toMatchInlineSnapshot(`
      "entry
      ├─ a
      │  ├─ a1
      │  └─ a2 [client] {x=1 y=2}
      └─ b
         ├─ b1
         └─ b2 [client] {x=1 y=2}"
    `);
  });

  it("returns what the function returns, a promise for a promise only", async () => {
    const recorder = newRecorder();
    const result = {};
    expect(inCall(recorder, () => withSpan("sync", () => result))).toBe(result);
    const promise = inCall(recorder, () => withSpan("async", async () => result));
    expect(promise).toBeInstanceOf(Promise);
    expect(await promise).toBe(result);
  });

  it.each([
    [
      "thrown",
      () => {
        throw thrown;
      },
    ],
    ["rejected", () => Promise.reject(thrown)],
  ])("an error is %s on as the same object, recorded once and marked on all", async (_name, fail) => {
    const recorder = newRecorder();
    const run = async () => inCall(recorder, () => withSpan("outer", async () => withSpan("inner", fail)));
    await expect(run()).rejects.toBe(thrown);
    const [, outer, inner] = recorder.finish();
    expect(inner?.events.map(({ name }) => name)).toEqual(["exception"]);
    expect(outer?.events).toEqual([]);
    for (const span of [outer, inner]) {
      expect(span?.status).toEqual({ code: 2, message: "thrown" });
      expect(span?.attributes).toEqual({ "error.type": "TypeError" });
    }
  });

  it("leaves a rejection unhandled that nobody handles", async () => {
    const recorder = newRecorder();
    const unhandled = new Promise((resolve) => {
      const before = process.listeners("unhandledRejection");
      process.removeAllListeners("unhandledRejection");
      process.once("unhandledRejection", (reason) => {
        for (const listener of before) process.on("unhandledRejection", listener);
        resolve(reason);
      });
    });
    void inCall(recorder, () => withSpan("lost", () => Promise.reject(thrown)));
    expect(await unhandled).toBe(thrown);
  });

  it("takes a parent by name", () => {
    const recorder = newRecorder();
    inCall(recorder, () => {
      const parent = startSpan("parent");
      withSpan("other", () => withSpan("child", { parent }, () => undefined));
      parent.end();
    });
    expect(spanTree(recorder.finish())).toMatchInlineSnapshot(`
      "entry
      ├─ parent
      │  └─ child
      └─ other"
    `);
  });

  it("suppresses all of it on request", () => {
    const recorder = newRecorder();
    inCall(recorder, () =>
      suppressTracing(() => {
        expect(getActiveSpan()).toBeUndefined();
        withSpan("no", () => addEvent("no"));
      }),
    );
    expect(recorder.finish().map(({ name }) => name)).toEqual(["entry"]);
  });

  it("wraps functions without changing them", () => {
    const recorder = newRecorder();
    const counter = {
      base: 1,
      add: traced("add", function (this: { base: number }, n: number) {
        return this.base + n;
      }),
    };
    expect(inCall(recorder, () => counter.add(2))).toBe(3);
    expect(recorder.finish().map(({ name }) => name)).toEqual(["entry", "add"]);
  });

  it("records handled errors, events and links on the active span", () => {
    const recorder = newRecorder();
    inCall(recorder, () => {
      recordError("handled");
      addEvent("e", { a: 1 }, 5);
      addLink({ context: { traceId: "1".repeat(32), spanId: "2".repeat(16), traceFlags: 1 } });
    });
    expect(recorder.finish()[0]).toMatchObject({
      status: { code: 2, message: "handled" },
      events: [{ name: "exception" }, { name: "e", time: 5 }],
      links: [{ context: { spanId: "2".repeat(16) } }],
    });
  });

  it("hands back what merely looks like a promise, without running it", () => {
    let runs = 0;
    const builder = { then: () => void runs++ };
    expect(inCall(newRecorder(), () => withSpan("query", () => builder))).toBe(builder);
    expect(runs).toBe(0);
  });

  it("tells a wrong use at once", () => {
    expect(() => withSpan("x", {} as never)).toThrow('withSpan("x"): the last argument must be a function');
  });
});

describe("under a registered OpenTelemetry provider", () => {
  const exporter = new InMemorySpanExporter();
  const register = () => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
  };
  afterEach(() => {
    trace.disable();
    context.disable();
    exporter.reset();
  });

  it("spans go there, nested, with kinds, attributes and errors", async () => {
    register();
    const run = withSpan("outer", { kind: "server" }, async () => {
      setAttributes({ a: 1 });
      await withSpan("inner", { kind: "consumer" }, () => Promise.reject(thrown));
    });
    await expect(run).rejects.toBe(thrown);
    const [inner, outer] = exporter.getFinishedSpans();
    expect([outer?.name, outer?.kind, outer?.attributes["a"], outer?.status.code]).toEqual(["outer", 1, 1, 2]);
    expect([inner?.name, inner?.kind, inner?.events[0]?.name]).toEqual(["inner", 4, "exception"]);
    expect(inner?.parentSpanContext?.spanId).toBe(outer?.spanContext().spanId);
    expect(outer?.events).toEqual([]);
  });

  it("an active call still wins", () => {
    register();
    const recorder = newRecorder();
    inCall(recorder, () => withSpan("mine", () => undefined));
    expect(exporter.getFinishedSpans()).toEqual([]);
    expect(recorder.finish()).toHaveLength(2);
  });

  it("a provider whose spans throw does not reach the program", async () => {
    const fail = () => {
      throw new Error("broken span");
    };
    const span = { ...startSpan("x"), isRecording: () => true, end: fail, recordException: fail, setAttribute: fail };
    trace.setGlobalTracerProvider({ getTracer: () => ({ startSpan: () => span }) } as never);
    expect(withSpan("x", () => 1)).toBe(1);
    expect(await withSpan("x", async () => 2)).toBe(2);
    expect(() => withSpan("x", () => { throw thrown; })).toThrow(thrown); // prettier-ignore
  });

  it("links carry a trace state that its exporters can read", () => {
    register();
    const { spanContext } = extractCarrier({
      traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
      tracestate: "vendor=1",
    });
    const links = [{ context: spanContext ?? expect.fail("no context") }];
    withSpan("linked", { links }, () => addLink(links[0] ?? expect.fail("no link")));
    const states = exporter.getFinishedSpans()[0]?.links.map(({ context: { traceState } }) => traceState?.serialize());
    expect(states).toEqual(["vendor=1", "vendor=1"]);
  });

  it("the active span is the provider's, and suppression reaches it", () => {
    register();
    withSpan("outer", (span) => expect(getActiveSpan()).toBe(span));
    suppressTracing(() => withSpan("no", () => undefined));
    expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual(["outer"]);
  });
});

describe("with nothing to record into", () => {
  it("the code runs", () => {
    expect(withSpan("x", (span) => span.isRecording())).toBe(false);
    expect(getActiveSpan()).toBeUndefined();
    setAttributes({ a: 1 });
    addEvent("e");
    recordError(thrown);
    expect(() =>
      withSpan("x", () => {
        throw thrown;
      }),
    ).toThrow(thrown);
  });
});
