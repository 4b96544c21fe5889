/** Spans of a server beside the table of behaviours: what `@opentelemetry/api` asks of them, and how they hang together. */
import { context, INVALID_SPAN_CONTEXT, ROOT_CONTEXT, type Span, SpanKind, trace } from "@opentelemetry/api";
import { describe, expect, it } from "vitest";
import { beforeEnd } from "../../src/core/beforeEnd.js";
import type { NodeSpan } from "../../src/node/nodeSpan.js";
import { spanTree } from "../../src/testing/index.js";
import { setUp } from "./support.js";

const remote = (traceFlags: number) =>
  trace.setSpanContext(ROOT_CONTEXT, {
    traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
    spanId: "00f067aa0ba902b7",
    traceFlags,
    isRemote: true,
  });

describe("a span of a server", () => {
  it("always says the same identity, the same object", () => {
    setUp();
    const span = trace.getTracer("lib").startSpan("a", {}, remote(3));
    const identity = span.spanContext();
    span.end();
    expect(span.spanContext()).toBe(identity);
    expect(identity).toEqual({
      traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
      spanId: expect.stringMatching(/^(?!0+$)[\da-f]{16}$/),
      traceFlags: 3,
    });
  });

  it("has ids that are valid, and no two of them the same", () => {
    setUp();
    const tracer = trace.getTracer("lib");
    const identities = Array.from({ length: 1_000 }, () => tracer.startSpan("a").spanContext());
    for (const { traceId, spanId } of identities) {
      expect([traceId, spanId].join(" ")).toMatch(/^(?!0+ )[\da-f]{32} (?!0+$)[\da-f]{16}$/);
    }
    expect(new Set(identities.flatMap(({ traceId, spanId }) => [traceId, spanId])).size).toBe(2_000);
  });

  it("asks what was to be told at its end, once, in the order it was promised, while it still records", async () => {
    const { spans } = setUp();
    const span = trace.getTracer("lib").startSpan("a") as unknown as NodeSpan;
    const order: string[] = [];
    for (const name of ["first", "second"]) {
      const isPromised = beforeEnd(span, () => {
        order.push(name);
        span.setAttribute(name, span.isRecording());
      });
      expect(isPromised).toBe(true);
    }
    span.end();
    span.end();
    expect(order).toEqual(["first", "second"]);
    expect((await spans())[0]?.attributes).toEqual({ first: true, second: true });
  });

  it("is asked to by nobody who gets a span of somebody else", () => {
    expect(beforeEnd(trace.wrapSpanContext(INVALID_SPAN_CONTEXT), () => expect.fail("called"))).toBe(false);
  });

  it("keeps the random flag of its trace as it came", () => {
    setUp();
    const tracer = trace.getTracer("lib");
    const flagsBelow = (parent: Span): number =>
      tracer.startSpan("b", {}, trace.setSpan(ROOT_CONTEXT, parent)).spanContext().traceFlags;
    expect([1, 3].map((flags) => flagsBelow(tracer.startSpan("a", {}, remote(flags))))).toEqual([1, 3]);
    expect(flagsBelow(tracer.startSpan("root"))).toBe(3);
  });

  it("takes times of performance.now() as those moments", async () => {
    const { spans } = setUp();
    const started = performance.now();
    const before = Date.now();
    const span = trace.getTracer("lib").startSpan("a", { startTime: started - 1_000 });
    span.addEvent("e", {}, started - 500);
    span.end(started);
    const [sent] = await spans();
    expect(sent?.endTime).toBeCloseTo((sent?.startTime ?? 0) + 1_000, 1);
    expect(sent?.events[0]?.time).toBeCloseTo((sent?.startTime ?? 0) + 500, 1);
    expect(Math.abs((sent?.endTime ?? 0) - before)).toBeLessThan(500);
  });

  it.each([[undefined], [5], [-1], [1.5], ["length"], [Number.NaN]])("takes the kind %j for internal", async (kind) => {
    const { spans } = setUp();
    trace
      .getTracer("lib")
      .startSpan("a", { kind: kind as never })
      .end();
    expect((await spans()).map((span) => span.kind)).toEqual(["internal"]);
  });

  it("can be above spans when it has ended", async () => {
    const { spans } = setUp();
    const tracer = trace.getTracer("lib");
    const parent = tracer.startSpan("parent", { kind: SpanKind.SERVER });
    parent.end();
    tracer.startSpan("late", {}, trace.setSpan(ROOT_CONTEXT, parent)).end();
    expect(spanTree(await spans())).toBe("parent [server]\n└─ late");
  });

  it("says in its record whether what is above it is elsewhere", async () => {
    const { spans } = setUp();
    const tracer = trace.getTracer("lib");
    const span = tracer.startSpan("a", {}, remote(3));
    tracer.startSpan("b", {}, trace.setSpan(ROOT_CONTEXT, span)).end();
    span.end();
    tracer.startSpan("root").end();
    expect((await spans()).map(({ name, parentIsRemote }) => [name, parentIsRemote])).toEqual([
      ["b", false],
      ["a", true],
      ["root", false],
    ]);
  });
});

describe("a span that is not recorded", () => {
  it("stands for the caller's trace, also to spans below it, and hands nothing else on", async () => {
    const { spans } = setUp({ sampling: 0 });
    const tracer = trace.getTracer("lib");
    const span = tracer.startSpan("a", {}, remote(3));
    const identity = span.spanContext();
    expect(identity).toMatchObject({ traceId: "4bf92f3577b34da6a3ce929d0e0e4736", traceFlags: 2 });
    const below = context.with(trace.setSpan(ROOT_CONTEXT, span), () => tracer.startSpan("b"));
    expect([below.isRecording(), below.spanContext()]).toEqual([false, identity]);
    below.setAttribute("n", 1).addEvent("e").end();
    span.end();
    expect(await spans()).toEqual([]);
  });
});
