/** How spans of a server wait and leave: by count, by time, on demand, and what happens where nobody takes them. */
import { trace } from "@opentelemetry/api";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startSpan, withSpan } from "../../src/index.js";
import { HeldExporter } from "./heldExporter.js";
import { setUp } from "./support.js";

/** Ends spans, and lets those leave that may. */
async function end(count: number): Promise<void> {
  for (let n = 0; n < count; n++) startSpan("span").end();
  await vi.advanceTimersByTimeAsync(0);
}

/** Whether a promise has settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  void promise.then(() => (settled = true));
  await vi.advanceTimersByTimeAsync(0);
  return settled;
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
});

afterEach(() => {
  vi.useRealTimers();
});

describe("spans leave", () => {
  it("when there are enough, and the rest when the first of them has waited", async () => {
    const exporter = new HeldExporter();
    setUp({ exporter, batch: { maxSpans: 3, delayMs: 1_000 } });
    await end(4);
    expect(exporter.requests).toEqual([3]);
    await vi.advanceTimersByTimeAsync(999);
    await end(1);
    expect(exporter.requests).toEqual([3]);
    await vi.advanceTimersByTimeAsync(1);
    expect(exporter.requests).toEqual([3, 2]);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(exporter.requests).toEqual([3, 2]);
    await exporter.answer();
    await exporter.answer();
  });

  it("in so many requests at a time, and the next when one is answered", async () => {
    const exporter = new HeldExporter();
    const { tracing } = setUp({ exporter, batch: { maxSpans: 2, concurrency: 2 } });
    await end(7);
    expect(exporter.requests).toEqual([2, 2]);
    const flushed = tracing.forceFlush();
    await exporter.answer();
    expect(exporter.requests).toEqual([2, 2, 2]);
    await exporter.answer();
    expect(exporter.requests).toEqual([2, 2, 2, 1]);
    await exporter.answer();
    expect(await isSettled(flushed)).toBe(false);
    await exporter.answer();
    expect(await isSettled(flushed)).toBe(true);
  });

  it("on demand with those before them, and not with those after", async () => {
    const exporter = new HeldExporter();
    const { tracing } = setUp({ exporter, batch: { maxSpans: 2 } });
    await end(2);
    const flushed = tracing.forceFlush();
    expect(await isSettled(flushed)).toBe(false);
    await end(2);
    await exporter.answer();
    expect([await isSettled(flushed), exporter.requests]).toEqual([true, [2, 2]]);
    await exporter.answer();
  });

  it("without spans of their own", async () => {
    const exporter = new HeldExporter();
    const recording: boolean[] = [];
    exporter.send = () => {
      recording.push(withSpan("inner", (span) => span.isRecording()));
      recording.push(trace.getTracer("http").startSpan("POST").isRecording());
      return Promise.resolve({ outcome: "delivered", rejectedSpans: 0 });
    };
    const { tracing } = setUp({ exporter });
    withSpan("outer", () => void tracing.forceFlush());
    await tracing.forceFlush();
    expect(recording).toEqual([false, false]);
  });
});

describe("spans are lost", () => {
  it("where more wait than may, which does not count what is under way", async () => {
    const exporter = new HeldExporter();
    const { reports, tracing } = setUp({ exporter, batch: { maxSpans: 2, maxQueue: 3, concurrency: 1 } });
    await end(7);
    const flushed = tracing.forceFlush();
    for (let n = 0; n < 3; n++) await exporter.answer();
    expect([await isSettled(flushed), exporter.requests]).toEqual([true, [2, 2, 1]]);
    // Said at once, and counted until it is said again.
    expect(reports).toMatchObject([{ code: "export.queue_full", droppedSpans: 1 }]);
  });

  it("where an exporter never answers, which frees its place in time", async () => {
    const exporter = new HeldExporter();
    const { reports } = setUp({ exporter, batch: { maxSpans: 1, concurrency: 1, timeoutMs: 5_000 } });
    await end(2);
    await vi.advanceTimersByTimeAsync(4_999);
    expect([exporter.requests, reports]).toEqual([[1], []]);
    await vi.advanceTimersByTimeAsync(1);
    expect(exporter.requests).toEqual([1, 1]);
    expect(reports).toEqual([
      {
        level: "error",
        code: "export.failed",
        message: "held did not take 1 spans: no answer, or none in time.",
        droppedSpans: 1,
      },
    ]);
    await exporter.answer();
    await exporter.answer();
  });
});
