import { describe, expect, it } from "vitest";
import type { ExportResult } from "../../src/core/ports.js";
import { memoryExporter, OtlpValidationError } from "../../src/testing/index.js";
import { encodeText } from "./encodeForTest.js";
import { aSpan, spanId } from "./spans.js";

const env = (): undefined => undefined;
const A = encodeText([aSpan({ name: "a", spanId: spanId(1) })]);
const B = encodeText([aSpan({ name: "b", spanId: spanId(2) }), aSpan({ name: "c", spanId: spanId(3) })]);
const DELIVERED: ExportResult = { outcome: "delivered", rejectedSpans: 0 };

function names(spans: readonly { readonly name: string }[]): string[] {
  return spans.map((span) => span.name);
}

describe("memoryExporter", () => {
  it("keeps the spans of what it is sent", async () => {
    const exporter = memoryExporter();
    expect(await exporter.send([A, B], { env, timeoutMs: 500 })).toEqual(DELIVERED);
    expect(await exporter.send([A], { env })).toEqual(DELIVERED);
    expect(names(exporter.spans)).toEqual(["a", "b", "c", "a"]);
    expect(exporter.batches).toMatchObject([
      { texts: [A, B], body: `{"resourceSpans":[${A},${B}]}`, timeoutMs: 500 },
      { texts: [A], body: `{"resourceSpans":[${A}]}`, timeoutMs: undefined },
    ]);
    expect(exporter.batches.map((batch) => names(batch.spans))).toEqual([["a", "b", "c"], ["a"]]);
  });

  it("takes no texts for no request", async () => {
    const exporter = memoryExporter();
    expect(await exporter.send([], { env })).toEqual(DELIVERED);
    expect(exporter.batches).toEqual([]);
  });

  it("hands out copies", async () => {
    const exporter = memoryExporter();
    const before = exporter.spans;
    await exporter.send([A], { env });
    expect(before).toEqual([]);
  });

  it("forgets on clear, but keeps its script", async () => {
    const exporter = memoryExporter();
    exporter.respondWith("rejected");
    await exporter.send([A], { env });
    exporter.clear();
    expect([exporter.spans, exporter.batches]).toEqual([[], []]);
    expect((await exporter.send([A], { env })).outcome).toBe("rejected");
  });

  it("is configured unless told otherwise", () => {
    expect(memoryExporter().isConfigured(env)).toBe(true);
    expect(memoryExporter({ configured: false }).isConfigured(env)).toBe(false);
    const byKey = memoryExporter({ configured: (read) => read("KEY") === "1" });
    expect([byKey.isConfigured(env), byKey.isConfigured(() => "1")]).toEqual([false, true]);
  });

  it("has a name", () => {
    expect([memoryExporter().name, memoryExporter({ name: "honeycomb" }).name]).toEqual(["memory", "honeycomb"]);
  });
});

describe("memoryExporter, scripted", () => {
  it("answers by outcome", async () => {
    const exporter = memoryExporter();
    exporter.respondWith("retry");
    expect(await exporter.send([A, B], { env })).toEqual({
      outcome: "retry",
      texts: [A, B],
      rejectedSpans: 0,
      message: 'scripted outcome "retry"',
    });
    exporter.respondWith("rejected");
    expect(await exporter.send([A, B], { env })).toEqual({
      outcome: "rejected",
      rejectedSpans: 3,
      message: 'scripted outcome "rejected"',
    });
    expect(exporter.spans).toEqual([]);
    expect(exporter.batches).toHaveLength(2);
  });

  it("counts the part of a batch that is not handed back as delivered", async () => {
    const exporter = memoryExporter();
    const partly: ExportResult = { outcome: "retry", texts: [A], rejectedSpans: 0, retryAfterMs: 50, message: "full" };
    exporter.respondWith(partly);
    expect(await exporter.send([A, B], { env })).toEqual(partly);
    expect(names(exporter.spans)).toEqual(["b", "c"]);
  });

  it("uses a list up and then delivers", async () => {
    const exporter = memoryExporter();
    exporter.respondWith(["retry", { outcome: "rejected", rejectedSpans: 1, message: "no" }]);
    const outcomes: string[] = [];
    for (let send = 0; send < 4; send += 1) outcomes.push((await exporter.send([A], { env })).outcome);
    expect(outcomes).toEqual(["retry", "rejected", "delivered", "delivered"]);
  });

  it("asks a function each time", async () => {
    const exporter = memoryExporter();
    exporter.respondWith(async (batch) => (batch.spans.length > 1 ? "rejected" : "delivered"));
    expect((await exporter.send([B], { env })).outcome).toBe("rejected");
    expect((await exporter.send([A], { env })).outcome).toBe("delivered");
    expect(names(exporter.spans)).toEqual(["a"]);
  });

  it("rejects with what a function throws", async () => {
    const exporter = memoryExporter();
    exporter.respondWith(() => {
      throw new Error("broken exporter");
    });
    await expect(exporter.send([A], { env })).rejects.toThrow("broken exporter");
  });
});

describe("memoryExporter and invalid texts", () => {
  it("rejects them, and lets no test overlook them", async () => {
    const exporter = memoryExporter();
    const result = await exporter.send([A, '{"scope_spans":[]}'], { env });
    expect(result).toMatchObject({ outcome: "rejected", message: expect.stringContaining('JSON has "scopeSpans"') });
    expect(() => exporter.spans).toThrow(OtlpValidationError);
    expect(exporter.batches).toMatchObject([{ spans: [] }]);
    exporter.clear();
    expect(exporter.spans).toEqual([]);
  });

  it("judges as interoperably as told", async () => {
    const text = A.replace(/"startTimeUnixNano":"\d+"/, '"startTimeUnixNano":5');
    expect((await memoryExporter().send([text], { env })).outcome).toBe("rejected");
    expect((await memoryExporter({ validation: "interoperable" }).send([text], { env })).outcome).toBe("delivered");
  });
});
