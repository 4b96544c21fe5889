/** How spans wait and leave in Cloudflare Workers, where nothing outlives the request that began it. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { startSpan } from "../../src/index.js";
import { HeldExporter } from "./heldExporter.js";
import { type SetUp, setUp } from "./support.js";

const end = (count: number): void => {
  for (let n = 0; n < count; n++) startSpan("span").end();
};

/** Flushes, until the requests are under way. */
async function flush({ tracing }: SetUp): Promise<{ readonly done: Promise<void> }> {
  const done = tracing.forceFlush();
  await vi.advanceTimersByTimeAsync(0);
  return { done };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  vi.stubGlobal("navigator", { userAgent: "Cloudflare-Workers" });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("in a worker, spans", () => {
  it("leave when they are flushed, and no timer waits for them", async () => {
    const exporter = new HeldExporter();
    const own = setUp({ exporter, batch: { maxSpans: 2, delayMs: 1_000 } });
    end(5);
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(exporter.requests).toEqual([]);
    const { done } = await flush(own);
    expect(exporter.requests).toEqual([2, 2, 1]);
    for (let n = 0; n < 3; n++) await exporter.answer();
    await done;
    await own.tracing.forceFlush();
    expect(exporter.requests).toHaveLength(3);
  });

  it("wait for no request of another flush: whoever began that may be gone", async () => {
    const exporter = new HeldExporter();
    const own = setUp({ exporter, batch: { concurrency: 1 } });
    end(1);
    await flush(own);
    await own.tracing.forceFlush();
    end(2);
    await flush(own);
    expect(exporter.requests).toEqual([1, 2]);
    for (let n = 0; n < 2; n++) await exporter.answer();
  });

  it("are lost and counted where more wait than may, until they are flushed, and after the end", async () => {
    const exporter = new HeldExporter();
    const own = setUp({ exporter, batch: { maxQueue: 3 } });
    end(5);
    await flush(own);
    end(1);
    const shutDown = own.tracing.shutdown();
    end(1);
    for (let n = 0; n < 2; n++) await exporter.answer();
    await shutDown;
    expect(exporter.requests).toEqual([3, 1]);
    expect(own.reports).toMatchObject([{ code: "export.queue_full", droppedSpans: 1 }]);
  });
});
