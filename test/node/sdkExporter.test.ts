/** What an exporter of the OpenTelemetry SDK gets of a server's spans: their records in the SDK's terms. */
import { propagation, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { ExportResultCode } from "@opentelemetry/core";
import { resourceFromAttributes } from "@opentelemetry/resources";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  type SpanExporter,
} from "@opentelemetry/sdk-trace-base";
import { describe, expect, it } from "vitest";
import { startSpan, withSpan } from "../../src/index.js";
import { continueTrace, spanProcessor } from "../../src/node/index.js";
import { SCHEMA_URL, SCOPE_NAME, VERSION } from "../../src/semconv/version.js";
import { memoryExporter } from "../../src/testing/index.js";
import { setUp } from "./support.js";

const CALLER = {
  traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03",
  tracestate: "vendor=1",
};

async function exported(program: () => unknown): Promise<ReadableSpan[]> {
  const exporter = new InMemorySpanExporter();
  const { tracing } = setUp({ exporter, service: { name: "api" } });
  await program();
  await tracing.forceFlush();
  return exporter.getFinishedSpans();
}

/** Lets everything that only waits for promises go on. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe("an exporter of the SDK", () => {
  it("gets identity, place and times", async () => {
    const [child, root] = await exported(() =>
      continueTrace(CALLER, () =>
        withSpan("GET /", { kind: "server", startTime: [1_700_000_000, 123_000_000] }, (span) => {
          startSpan("child", { startTime: 1_700_000_000_250.5 }).end(1_700_000_001_000);
          span.end([1_700_000_002, 0]);
        }),
      ),
    );
    expect(root).toMatchObject({
      name: "GET /",
      kind: SpanKind.SERVER,
      startTime: [1_700_000_000, 123_000_000],
      endTime: [1_700_000_002, 0],
      duration: [1, 877_000_000],
      ended: true,
      parentSpanContext: { traceId: CALLER.traceparent.slice(3, 35), spanId: "00f067aa0ba902b7", isRemote: true },
      instrumentationScope: { name: SCOPE_NAME, version: VERSION, schemaUrl: SCHEMA_URL },
    });
    expect(root?.spanContext()).toMatchObject({ traceId: CALLER.traceparent.slice(3, 35), traceFlags: 3 });
    expect(root?.spanContext().traceState?.serialize()).toBe("vendor=1");
    expect(child).toMatchObject({
      kind: SpanKind.INTERNAL,
      startTime: [1_700_000_000, 250_500_000],
      parentSpanContext: { spanId: root?.spanContext().spanId, isRemote: false },
    });
    expect(child?.spanContext().traceState?.serialize()).toBe("vendor=1");
  });

  it("gets values that it knows: what it does not is text", async () => {
    const [span] = await exported(() => {
      const linked = { traceId: "1".repeat(32), spanId: "2".repeat(16), traceFlags: 1, traceState: "a=b" };
      startSpan("s\ud800", { links: [{ context: linked, attributes: { n: 1n } }] })
        .setAttributes({ big: 9_007_199_254_740_993n, small: 7n, bytes: new Uint8Array([1, 2, 255]), nan: Number.NaN })
        .setAttributes({ list: [1n, 9_007_199_254_740_993n], text: "x\udfff", bad: {} as never })
        .addEvent("e", { n: 2n }, [1_700_000_000, 5])
        .setStatus({ code: 2, message: "broken" })
        .end();
    });
    expect(span).toMatchObject({
      name: "s\ufffd",
      attributes: {
        big: "9007199254740993",
        small: 7,
        bytes: "AQL/",
        nan: "NaN",
        list: ["1", "9007199254740993"],
        text: "x\ufffd",
      },
      droppedAttributesCount: 1,
      events: [
        { name: "e", attributes: { n: 2 }, time: [1_700_000_000, expect.any(Number)], droppedAttributesCount: 0 },
      ],
      links: [{ context: { spanId: "2".repeat(16) }, attributes: { n: 1 }, droppedAttributesCount: 0 }],
      status: { code: SpanStatusCode.ERROR, message: "broken" },
    });
    expect(span?.links[0]?.context.traceState?.serialize()).toBe("a=b");
  });

  it("gets a resource with the SDK's methods, and the scope of other libraries", async () => {
    const [span] = await exported(() =>
      trace.getTracerProvider().getTracer("lib", "1.0", { schemaUrl: "https://example.com/1" }).startSpan("a").end(),
    );
    expect(span?.resource.attributes).toMatchObject({ "service.name": "api" });
    expect(new Map(span?.resource.getRawAttributes()).get("service.name")).toBe("api");
    expect(span?.resource.merge(resourceFromAttributes({ team: "a" })).attributes).toMatchObject({
      "service.name": "api",
      team: "a",
    });
    expect(span?.instrumentationScope).toEqual({ name: "lib", version: "1.0", schemaUrl: "https://example.com/1" });
  });

  it("is called for one request at a time, flushed and shut down", async () => {
    const calls: string[] = [];
    const open: (() => void)[] = [];
    const exporter: SpanExporter = {
      export: (spans, done) => {
        calls.push(`export ${spans.length}`);
        open.push(() => done({ code: ExportResultCode.SUCCESS }));
      },
      forceFlush: () => Promise.resolve(void calls.push("forceFlush")),
      shutdown: () => Promise.resolve(void calls.push("shutdown")),
    };
    const { tracing } = setUp({ exporter, batch: { maxSpans: 2 } });
    for (let n = 0; n < 4; n++) startSpan("s").end();
    const ended = tracing.shutdown();
    await settled();
    expect(calls).toEqual(["export 2"]);
    open.shift()?.();
    await settled();
    expect(calls).toEqual(["export 2", "export 2"]);
    open.shift()?.();
    await ended;
    expect(calls).toEqual(["export 2", "export 2", "forceFlush", "shutdown"]);
  });
});

describe("spanProcessor()", () => {
  it("waits for what the resource still has to find out", async () => {
    const exporter = memoryExporter();
    let found = (_host: string): void => undefined;
    const host = new Promise<string>((resolve) => (found = resolve));
    const resource = resourceFromAttributes({ "service.name": "app", "host.name": host });
    const provider = new BasicTracerProvider({ resource, spanProcessors: [spanProcessor({ exporter })] });
    provider.getTracer("app").startSpan("early").end();
    const flushed = provider.forceFlush();
    await settled();
    expect(exporter.batches).toEqual([]);
    found("web-1");
    await flushed;
    expect(exporter.spans[0]?.resource).toMatchObject({ "service.name": "app", "host.name": "web-1" });
    await provider.shutdown();
  });

  it("says what it cannot read", async () => {
    const exporter = memoryExporter();
    const said: unknown[] = [];
    const processor = spanProcessor({ exporter, diagnostics: (diagnostic) => said.push(diagnostic) });
    processor.onEnd({
      spanContext: () => ({ traceId: "1".repeat(32), spanId: "2".repeat(16), traceFlags: 1 }),
      resource: resourceFromAttributes({}),
    } as never);
    await processor.shutdown();
    expect([exporter.batches, said]).toMatchObject([[], [{ code: "export.unprepared", droppedSpans: 1 }]]);
  });

  it("sends to an exporter of the SDK, redacted", async () => {
    const exporter = new InMemorySpanExporter();
    const processor = spanProcessor({ exporter, redact: (name, value) => (name === "card" ? undefined : value) });
    const provider = new BasicTracerProvider({ spanProcessors: [processor] });
    const baggage = propagation.createBaggage({ "correlation.id": { value: "evt_1" } });
    provider
      .getTracer("app")
      .startSpan("a", { attributes: { card: "4242", n: 1 } }, propagation.setBaggage(ROOT_CONTEXT, baggage))
      .end();
    await provider.forceFlush();
    expect(exporter.getFinishedSpans()[0]).toMatchObject({
      name: "a",
      attributes: { n: 1, "correlation.id": "evt_1" },
      droppedAttributesCount: 1,
      instrumentationScope: { name: "app" },
    });
    await provider.shutdown();
  });
});
