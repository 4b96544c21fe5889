/** A recorded span behaves as the OpenTelemetry specification says, and takes anything without throwing. */
import type { Span as OtelSpan } from "@opentelemetry/api";
import fc from "fast-check";
import { describe, expect, expectTypeOf, it } from "vitest";
import { DEFAULT_LIMITS } from "../../src/core/limits.js";
import type { Span, SpanRecord } from "../../src/core/types.js";
import { newRecorder } from "./support.js";

/** Methods that return the span: OpenTelemetry's return its own type. */
type Chained = Pick<OtelSpan, "setAttribute" | "setAttributes" | "addEvent" | "setStatus" | "updateName">;

const limits = (some: Partial<typeof DEFAULT_LIMITS>) => ({ limits: { ...DEFAULT_LIMITS, ...some } });
const only = (records: SpanRecord[]): SpanRecord => {
  expect(records).toHaveLength(1);
  return records[0] as SpanRecord;
};

describe("a span", () => {
  it("has the interface of OpenTelemetry's", () => {
    const span: Omit<OtelSpan, "spanContext" | "addLink" | "addLinks" | keyof Chained> = newRecorder().entry;
    expectTypeOf<Span>().toExtend<Pick<OtelSpan, "isRecording" | "end" | "recordException">>();
    expect(span.isRecording()).toBe(true);
  });

  it("keeps the last value of an attribute, and ignores nothing", () => {
    const recorder = newRecorder();
    recorder.entry.setAttribute("a", 1).setAttributes({ a: 2, b: undefined, c: [1, null, 2] });
    expect(only(recorder.finish()).attributes).toEqual({ a: 2, c: [1, null, 2] });
  });

  it("copies what the caller may change later", () => {
    const recorder = newRecorder();
    const list = ["a"];
    const bytes = new Uint8Array([1]);
    recorder.entry.setAttributes({ list, bytes });
    list.push("b");
    bytes[0] = 9;
    expect(only(recorder.finish()).attributes).toEqual({ list: ["a"], bytes: new Uint8Array([1]) });
  });

  it("drops invalid attributes and counts them", () => {
    const recorder = newRecorder();
    recorder.entry.setAttributes({
      object: {} as never,
      mixed: [1, "a"] as never,
      fn: (() => 1) as never,
      "": 1,
      ["__proto__"]: 1,
    });
    const { attributes, droppedAttributesCount } = only(recorder.finish());
    expect(attributes).toEqual({});
    expect(droppedAttributesCount).toBe(5);
  });

  it("limits attributes, but still replaces known ones", () => {
    const recorder = newRecorder(limits({ attributeCount: 2, attributeValueLength: 3 }));
    recorder.entry.setAttributes({ a: "12345", b: ["abcdef", "x"], c: 1 }).setAttribute("a", "67890");
    const record = only(recorder.finish());
    expect(record.attributes).toEqual({ a: "678", b: ["abc", "x"] });
    expect(record.droppedAttributesCount).toBe(1);
  });

  it("takes no longer for an attribute where there are many", () => {
    const recorder = newRecorder(limits({ attributeCount: Infinity }));
    // In a time that grew with each of them this would not end before the test does.
    for (let index = 0; index < 50_000; index++) recorder.entry.setAttribute(`attribute ${index}`, index);
    expect(Object.keys(only(recorder.finish()).attributes)).toHaveLength(50_000);
  });

  it("limits events and links, dropping the oldest", () => {
    const recorder = newRecorder(limits({ eventCount: 2, linkCount: 1, attributePerEventCount: 1 }));
    for (const name of ["a", "b", "c"]) recorder.entry.addEvent(name, { x: 1, y: 2 });
    for (const digit of ["1", "2"]) {
      recorder.entry.addLink({ context: { traceId: digit.repeat(32), spanId: digit.repeat(16), traceFlags: 1 } });
    }
    const record = only(recorder.finish());
    expect(record.events.map(({ name, droppedAttributesCount }) => [name, droppedAttributesCount])).toEqual([
      ["b", 1],
      ["c", 1],
    ]);
    expect(record.droppedEventsCount).toBe(1);
    expect(record.links.map(({ context }) => context.traceId[0])).toEqual(["2"]);
    expect(record.droppedLinksCount).toBe(1);
  });

  it.each([
    ["unset changes nothing", [{ code: 2, message: "x" }, { code: 0 }], { code: 2, message: "x" }],
    ["ok is final", [{ code: 1 }, { code: 2, message: "x" }], { code: 1 }],
    ["ok overrides error", [{ code: 2 }, { code: 1, message: "no" }], { code: 1 }],
    [
      "a later error replaces an earlier one",
      [
        { code: 2, message: "a" },
        { code: 2, message: "b" },
      ],
      { code: 2, message: "b" },
    ],
  ] as const)("status: %s", (_name, given, expected) => {
    const recorder = newRecorder();
    for (const status of given) recorder.entry.setStatus(status);
    expect(only(recorder.finish()).status).toEqual(expected);
  });

  it("ends once, never before it started, and takes nothing afterwards", () => {
    const recorder = newRecorder();
    const span = recorder.entry.startChild("child", { startTime: 5000 });
    span.end(10);
    span.end(9000);
    span.setAttribute("late", 1).setStatus({ code: 2 }).updateName("late").addEvent("late");
    span.addLink({ context: { traceId: "1".repeat(32), spanId: "1".repeat(16), traceFlags: 1 } });
    const record = recorder.finish()[1];
    expect(record).toMatchObject({
      name: "child",
      startTime: 5000,
      endTime: 5000,
      attributes: {},
      events: [],
      links: [],
    });
    expect(span.isRecording()).toBe(false);
  });

  it.each([
    ["milliseconds", 1234.5, 1234.5],
    ["a Date", new Date(1234), 1234],
    ["[seconds, nanoseconds]", [1, 234_500_000], 1234.5],
    ["nonsense is now", Number.NaN, 1001],
  ] as const)("takes times as %s", (_name, time, expected) => {
    const recorder = newRecorder();
    recorder.entry.addEvent("e", {}, time);
    expect(only(recorder.finish()).events[0]?.time).toBe(expected);
  });

  it("takes a time in place of attributes", () => {
    const recorder = newRecorder();
    recorder.entry.addEvent("e", 77);
    expect(only(recorder.finish()).events[0]).toMatchObject({ time: 77, attributes: {} });
  });

  it("shows every value to the redaction hook before limits, and drops what makes it throw", () => {
    const seen: unknown[] = [];
    const recorder = newRecorder({
      ...limits({ attributeValueLength: 4 }),
      redact: (name, value) => {
        seen.push(value);
        if (name === "throws") throw new Error("hook");
        return name === "secret" ? undefined : typeof value === "string" ? value.replace("x", "_") : value;
      },
    });
    recorder.entry.setAttributes({ long: "abcdefx", secret: "s", throws: 1 }).addEvent("e", { long: "x" });
    recorder.entry.setStatus({ code: 2, message: "xyz" }).recordException(new Error("a x message"));
    const record = only(recorder.finish());
    expect(seen).toContain("abcdefx");
    expect(record.attributes).toEqual({ long: "abcd" });
    expect(record.droppedAttributesCount).toBe(2);
    expect(record.events[0]?.attributes).toEqual({ long: "_" });
    expect(record.status.message).toBe("_yz");
    expect(record.events[1]?.attributes["exception.message"]).toBe("a _ ");
  });

  it("never throws, whatever it is given", () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), fc.anything(), (a, b, c) => {
        const recorder = newRecorder();
        const span = recorder.entry.startChild(a as string, { attributes: b as never, startTime: c as never });
        span
          .setAttribute(a as string, b as never)
          .setAttributes(c as never)
          .addEvent(a as string, b as never, c as never);
        span
          .addLink(a as never)
          .setStatus({ code: 2, message: b as never })
          .updateName(c as string);
        span.recordException(a);
        span.end(b as never);
        expect(recorder.finish()).toHaveLength(2);
      }),
      { seed: 7, numRuns: 500 },
    );
  });
});

describe("a recorder", () => {
  it("is a forest of one tree, all spans of one trace", () => {
    const recorder = newRecorder();
    const a = recorder.entry.startChild("a");
    a.startChild("b").end();
    const [entry, first, second] = recorder.finish();
    expect(entry?.parentSpanId).toBeUndefined();
    expect(first?.parentSpanId).toBe(entry?.spanId);
    expect(second?.parentSpanId).toBe(first?.spanId);
    expect(new Set([entry?.traceId, first?.traceId, second?.traceId]).size).toBe(1);
    expect(entry?.traceId).toMatch(/^[0-9a-f]{32}$/);
    expect(entry?.traceFlags).toBe(3);
  });

  it("continues the caller's trace, keeping its random flag and state", () => {
    const parent = { traceId: "a".repeat(32), spanId: "b".repeat(16), traceFlags: 1, traceState: "x=1" };
    const recorder = newRecorder({ parent });
    expect(only(recorder.finish())).toMatchObject({
      traceId: parent.traceId,
      parentSpanId: parent.spanId,
      parentIsRemote: true,
      traceFlags: 1,
      traceState: "x=1",
    });
  });

  it("ends open spans with the call and says so", () => {
    const recorder = newRecorder();
    recorder.entry.startChild("open");
    const [entry, open] = recorder.finish({ endTime: 2000 });
    expect([entry?.endTime, open?.endTime]).toEqual([2000, 2000]);
    expect(open?.attributes).toEqual({ "convex.telemetry.unfinished": true });
    expect(entry?.attributes).toEqual({});
  });

  it("counts the spans that are too many; their children keep a parent that exists", () => {
    const recorder = newRecorder(limits({ spanCount: 2 }));
    const kept = recorder.entry.startChild("kept");
    const dropped = kept.startChild("dropped");
    expect(dropped.isRecording()).toBe(false);
    expect(dropped.spanContext().spanId).toBe(kept.spanContext().spanId);
    expect(dropped.startChild("child of dropped")).toBe(dropped);
    expect(recorder.finish()[0]?.attributes).toEqual({ "convex.telemetry.dropped_spans": 1 });
  });

  it("leaves out an entry span nobody touched, if asked to, and hangs its children on the caller", () => {
    const parent = { traceId: "a".repeat(32), spanId: "b".repeat(16), traceFlags: 1 };
    const empty = newRecorder({ parent, entry: "elide" });
    expect([empty.isEmpty, empty.finish()]).toEqual([true, []]);
    const withChild = newRecorder({ parent, entry: "elide" });
    withChild.entry.startChild("child").end();
    expect(withChild.isEmpty).toBe(false);
    expect(only(withChild.finish())).toMatchObject({
      name: "child",
      parentSpanId: parent.spanId,
      parentIsRemote: true,
    });
    const touched = newRecorder({ parent, entry: "elide" });
    touched.entry.setAttribute("a", 1);
    expect(only(touched.finish()).name).toBe("entry");
    const handedOut = newRecorder({ parent, entry: "elide" });
    handedOut.entry.spanContext();
    expect(only(handedOut.finish()).name).toBe("entry");
  });

  it("on an upgrade turns the unsampled parent into a link", () => {
    const parent = { traceId: "a".repeat(32), spanId: "b".repeat(16), traceFlags: 0 };
    const recorder = newRecorder({ parent, sampled: false });
    expect(recorder.entry.spanContext().traceFlags).toBe(0);
    const record = only(recorder.finish({ upgrade: true }));
    expect(record.parentSpanId).toBeUndefined();
    expect(record.traceId).toBe(parent.traceId);
    expect(record.traceFlags).toBe(1);
    expect(record.links.map(({ context }) => context.spanId)).toEqual([parent.spanId]);
  });

  it("takes a derived trace id only while nobody has seen another", () => {
    const early = newRecorder();
    early.adoptTraceId("c".repeat(32));
    expect(early.entry.spanContext()).toMatchObject({ traceId: "c".repeat(32), traceFlags: 1 });
    const late = newRecorder();
    const { traceId } = late.entry.spanContext();
    late.adoptTraceId("c".repeat(32));
    expect(late.entry.spanContext()).toMatchObject({ traceId, traceFlags: 3 });
  });
});
