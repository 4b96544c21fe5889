/** Setting up a server: what is registered, what is left alone, what leaves and what is said when something is lost. */
import { context, propagation, SpanStatusCode, trace } from "@opentelemetry/api";
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { NodeTracerProvider } from "@opentelemetry/sdk-trace-node";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Diagnostic } from "../../src/core/ports.js";
import { injectCarrier, injectHeaders, suppressTracing, withSpan } from "../../src/index.js";
import { continueTrace, registerNode, sampler, spanProcessor } from "../../src/node/index.js";
import { honeycomb, otlp } from "../../src/otlp/index.js";
import { VERSION } from "../../src/semconv/version.js";
import { memoryExporter, spanTree, startOtlpReceiver } from "../../src/testing/index.js";
import { setUp } from "./support.js";

const CALLER = { traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03" };

describe("set up", () => {
  it("records and sends, with the service as resource", async () => {
    vi.stubEnv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test,service.version=env");
    const { tracing, spans } = setUp({ service: { name: "api", version: "2" }, resource: { team: "a", shards: 3n } });
    expect(tracing.mode).toBe("registered");
    withSpan("a", () => trace.getTracer("lib", "1.0").startActiveSpan("b", (span) => span.end()));
    const sent = await spans();
    expect(spanTree(sent)).toBe("a\n└─ b");
    expect(sent.map(({ scope }) => `${scope.name} ${scope.version}`)).toEqual(
      expect.arrayContaining(["lib 1.0", expect.stringMatching(/^convex-otel \d/)]),
    );
    expect(sent[0]?.resource).toMatchObject({
      "service.name": "api",
      "service.version": "2",
      "service.instance.id": expect.stringMatching(/^[\da-f-]{36}$/),
      "deployment.environment.name": "test",
      team: "a",
      shards: 3,
      "telemetry.sdk.name": "convex-otel",
      "telemetry.sdk.version": VERSION,
      "telemetry.sdk.language": "nodejs",
      "telemetry.distro.name": "convex-otel",
    });
  });

  it("names an unnamed service as the conventions do, and by OTEL_SERVICE_NAME", async () => {
    const first = setUp();
    withSpan("a", () => undefined);
    expect((await first.spans())[0]?.resource["service.name"]).toBe("unknown_service:node");
    await first.tracing.shutdown();
    vi.stubEnv("OTEL_SERVICE_NAME", "from-env");
    const second = setUp();
    withSpan("a", () => undefined);
    expect((await second.spans())[0]?.resource["service.name"]).toBe("from-env");
  });

  it("twice is the first, with a report", () => {
    const first = setUp();
    const second = setUp();
    expect(second.tracing).toBe(first.tracing);
    expect(second.reports.map(({ code }) => code)).toEqual(["node.registered_twice"]);
  });

  it("again after a shutdown", async () => {
    const first = setUp();
    await first.tracing.shutdown();
    withSpan("lost", () => undefined);
    expect(trace.getTracer("x").startSpan("lost").isRecording()).toBe(false);
    const second = setUp();
    withSpan("kept", () => undefined);
    expect((await second.spans()).map(({ name }) => name)).toEqual(["kept"]);
    expect(first.exporter.spans).toEqual([]);
    await second.tracing.shutdown();
    await second.tracing.shutdown();
  });

  it("by a shutdown sends what waits, and forgets what ends later", async () => {
    const { tracing, exporter } = setUp();
    const late = trace.getTracer("x").startSpan("late");
    withSpan("a", () => undefined);
    await tracing.shutdown();
    late.end();
    expect(exporter.spans.map(({ name }) => name)).toEqual(["a"]);
  });

  it("leaves no handlers behind", async () => {
    const count = () => ["SIGTERM", "SIGINT", "beforeExit"].map((event) => process.listenerCount(event));
    const before = count();
    const { tracing } = setUp({ exitSignals: ["SIGTERM", "SIGINT"] });
    expect(count()).toEqual(before.map((listeners) => listeners + 1));
    await tracing.shutdown();
    expect(count()).toEqual(before);
  });
});

describe("nothing is recorded", () => {
  it.each([
    ["without an exporter", { exporter: undefined as never }, {}],
    ["where the exporter lacks its endpoint", { exporter: otlp() }, {}],
    ["where the exporter lacks its key", { exporter: honeycomb() }, {}],
    [
      "where traces are switched off",
      { exporter: otlp({ endpoint: "http://127.0.0.1:1" }) },
      { OTEL_TRACES_EXPORTER: "none" },
    ],
    [
      "where they are, with an exporter of the SDK",
      { exporter: new InMemorySpanExporter() },
      { OTEL_TRACES_EXPORTER: "none" },
    ],
  ])("%s", async (_what, options, variables) => {
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
    const { tracing, reports } = setUp(options);
    expect(tracing).toMatchObject({ mode: "disabled", reason: "no_exporter" });
    expect(continueTrace(CALLER, () => withSpan("a", (span) => span.isRecording()))).toBe(false);
    expect(injectCarrier()).toEqual({});
    expect(reports).toEqual([]);
    await tracing.forceFlush();
  });

  it("with OTEL_SDK_DISABLED, and context passes through", () => {
    vi.stubEnv("OTEL_SDK_DISABLED", "true");
    const { tracing } = setUp();
    expect(tracing).toMatchObject({ mode: "disabled", reason: "sdk_disabled" });
    const caller = { ...CALLER, tracestate: "cvx=3;1760000000000;;;;,a=b", baggage: "correlation.id=evt_1,user=ann" };
    const sent = continueTrace(caller, () =>
      withSpan("a", () => {
        const headers: Record<string, string> = {};
        propagation.inject(context.active(), headers);
        return headers;
      }),
    );
    expect(sent).toEqual({
      ...CALLER,
      tracestate: "cvx=3;1760000000000;;;;,a=b",
      baggage: "correlation.id=evt_1",
      "x-correlation-id": "evt_1",
    });
  });
});

describe("a provider that is there before", () => {
  const providers: { shutdown(): Promise<void> }[] = [];

  afterEach(async () => {
    trace.disable();
    context.disable();
    propagation.disable();
    for (const provider of providers.splice(0)) await provider.shutdown();
  });

  it.each([
    [
      "NodeTracerProvider",
      (processor: SimpleSpanProcessor) => {
        const provider = new NodeTracerProvider({ spanProcessors: [processor] });
        provider.register();
        return provider;
      },
    ],
    [
      "BasicTracerProvider",
      (processor: SimpleSpanProcessor) => {
        const provider = new BasicTracerProvider({ spanProcessors: [processor] });
        trace.setGlobalTracerProvider(provider);
        return provider;
      },
    ],
  ])("is adopted: %s", async (name, register) => {
    const theirs = new InMemorySpanExporter();
    providers.push(register(new SimpleSpanProcessor(theirs)));
    const { tracing, reports, exporter } = setUp({ sampling: 0, limits: { eventCount: 1 } });
    withSpan("a", { attributes: { b: 1 } }, () => undefined);
    await tracing.forceFlush();
    expect(theirs.getFinishedSpans().map((span) => [span.name, span.attributes])).toEqual([["a", { b: 1 }]]);
    expect(exporter.spans).toEqual([]);
    expect(tracing).toMatchObject({
      mode: "adopted",
      notApplied: [
        "exporter",
        "exitSignals",
        "sampling",
        "limits",
        "trace bound",
        "attributes of type bigint and Uint8Array",
        "flush on exit",
      ],
    });
    expect(reports).toMatchObject([{ level: "warn", code: "node.adopted" }]);
    expect(reports[0]?.message).toContain(`(${name})`);
    await tracing.shutdown();
    withSpan("still", () => undefined);
    expect(theirs.getFinishedSpans().map((span) => span.name)).toEqual(["a", "still"]);
  });

  it("sends through spanProcessor(), redacted here and untouched there", async () => {
    const theirs = new InMemorySpanExporter();
    const exporter = memoryExporter();
    const provider = new NodeTracerProvider({
      sampler: sampler({ sampling: { "GET /health": 0 } }),
      spanProcessors: [
        new SimpleSpanProcessor(theirs),
        spanProcessor({
          exporter,
          limits: { attributeValueLength: 8 },
          redact: (attribute, value) => (attribute === "card" ? undefined : value === "no secret" ? "no ***" : value),
        }),
      ],
    });
    provider.register();
    providers.push(provider);
    const tracer = trace.getTracer("app");
    tracer.startSpan("GET", { attributes: { "http.request.method": "GET", "url.path": "/health" } }).end();
    continueTrace({ ...CALLER, "x-correlation-id": "evt_1" }, () =>
      tracer.startActiveSpan("a", (span) => {
        span.setAttributes({ card: "4242", long: "123456789" }).addEvent("e", { card: "4242", b: "ok" });
        span.addLink({
          context: { traceId: "1".repeat(32), spanId: "2".repeat(16), traceFlags: 1 },
          attributes: { card: "4" },
        });
        withSpan("b", () => undefined);
        span.setStatus({ code: SpanStatusCode.ERROR, message: "no secret" }).end();
      }),
    );
    await provider.forceFlush();
    const [b, a] = exporter.spans;
    expect(spanTree(exporter.spans, { allowRemoteParents: ["00f067aa0ba902b7"] })).toBe(
      "a (parent elsewhere)\n│ ! error: no ***\n│ ~ link to 11111111/22222222\n└─ b",
    );
    expect(a).toMatchObject({
      attributes: { long: "12345678", "correlation.id": "evt_1" },
      droppedAttributesCount: 1,
      events: [{ name: "e", attributes: { b: "ok" }, droppedAttributesCount: 1 }],
      links: [{ attributes: {}, droppedAttributesCount: 1 }],
      status: { code: 2, message: "no ***" },
      parentIsRemote: true,
    });
    expect(b?.attributes).toEqual({ "correlation.id": "evt_1" });
    expect(theirs.getFinishedSpans()[1]).toMatchObject({ attributes: { card: "4242", long: "123456789" } });
  });

  it("is given nothing by a spanProcessor() without a way out", async () => {
    const processor = spanProcessor({ exporter: otlp() });
    processor.onEnd({} as never);
    await processor.forceFlush();
    await processor.shutdown();
  });

  it("has its baggage, and the correlation id in it, sent in headers of requests", () => {
    const provider = new NodeTracerProvider();
    provider.register();
    providers.push(provider);
    const baggage = propagation.createBaggage({ "correlation.id": { value: "evt_2" }, user: { value: "ann" } });
    context.with(propagation.setBaggage(context.active(), baggage), () =>
      withSpan("a", () => {
        const headers = injectHeaders(new Headers());
        expect([headers.get("x-correlation-id"), headers.get("baggage")]).toEqual([
          "evt_2",
          "correlation.id=evt_2,user=ann",
        ]);
        expect(suppressTracing(() => injectHeaders({}))).toEqual({
          baggage: "correlation.id=evt_2,user=ann",
          "x-correlation-id": "evt_2",
        });
      }),
    );
  });
});

describe("the way out", () => {
  it("of a preset has its address, keys, limits and compression", async () => {
    const receiver = await startOtlpReceiver({ validation: "interoperable" });
    vi.stubEnv("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=env,x-other=env");
    vi.stubEnv("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip");
    const exporter = honeycomb({ apiKey: "k", endpoint: receiver.tracesUrl, headers: { "x-tenant": "code" } });
    const { tracing } = setUp({ exporter });
    withSpan("a", () => undefined);
    await tracing.forceFlush();
    expect(receiver.requests[0]).toMatchObject({
      status: 200,
      path: "/v1/traces",
      headers: {
        "x-honeycomb-team": "k",
        "x-tenant": "code",
        "x-other": "env",
        "content-encoding": "gzip",
        "user-agent": expect.stringMatching(/^convex-otel\/\S+ OTel-OTLP-Exporter-JavaScript\//),
      },
    });
    await receiver.close();
  });

  it("does not send a key where a variable leads elsewhere", async () => {
    const receiver = await startOtlpReceiver({ validation: "interoperable" });
    vi.stubEnv("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.url);
    vi.stubEnv("HONEYCOMB_API_KEY", "secret");
    const { tracing } = setUp({ exporter: honeycomb() });
    withSpan("a", () => undefined);
    await tracing.forceFlush();
    expect(receiver.spans).toHaveLength(1);
    expect(receiver.requests[0]?.headers).not.toHaveProperty("x-honeycomb-team");
    await receiver.close();
  });

  it("is bounded by the bytes of a request", async () => {
    const receiver = await startOtlpReceiver();
    const { tracing, reports } = setUp({ exporter: otlp({ endpoint: receiver.url, maxRequestBytes: 10_000 }) });
    for (let n = 0; n < 100; n++) withSpan(`span ${n}`, { attributes: { text: "x".repeat(n * 5) } }, () => undefined);
    await tracing.forceFlush();
    expect(receiver.requests.length).toBeGreaterThan(3);
    for (const { bytes } of receiver.requests) expect(bytes).toBeLessThanOrEqual(10_000);
    expect([receiver.spans.length, reports]).toEqual([100, []]);
    await receiver.close();
  });

  it("retries", async () => {
    const receiver = await startOtlpReceiver({ validation: "interoperable" });
    receiver.respond([{ status: 503, headers: { "retry-after": "0" } }]);
    const { tracing, reports } = setUp({ exporter: otlp({ endpoint: receiver.url }) });
    withSpan("a", () => undefined);
    await tracing.forceFlush();
    expect([receiver.requests.length, receiver.spans.length, reports]).toEqual([2, 1, []]);
    await receiver.close();
  });

  it("is any exporter of the SDK", async () => {
    const exporter = new InMemorySpanExporter();
    const { tracing } = setUp({ exporter });
    withSpan("a", () => undefined);
    await tracing.forceFlush();
    expect(exporter.getFinishedSpans().map(({ name }) => name)).toEqual(["a"]);
  });

  it.each([
    [
      "an answer",
      { exporter: otlp({ endpoint: "http://127.0.0.1:9", timeoutMs: 1 }) },
      /^otlp did not take 1 spans: no answer from 127\.0\.0\.1:9\b.* given up .*\.$/,
    ],
    [
      "an exporter that throws",
      { exporter: throwingExporter() },
      /did not take 1 spans: no answer, or none in time\.$/,
    ],
  ])("says once that spans are lost for want of %s", async (_what, options, message) => {
    const { tracing, reports } = setUp(options);
    for (let round = 0; round < 3; round++) {
      withSpan("a", () => undefined);
      await tracing.forceFlush();
    }
    expect(reports).toEqual([
      { level: "error", code: "export.failed", message: expect.stringMatching(message), droppedSpans: 1 },
    ]);
  });

  it("says the status, and nothing of what a server writes", async () => {
    const receiver = await startOtlpReceiver({ validation: "interoperable" });
    receiver.respond([{ status: 401, body: "bad key abc" }]);
    const { tracing, reports } = setUp({ exporter: otlp({ endpoint: receiver.url }) });
    withSpan("a", () => undefined);
    await tracing.forceFlush();
    expect(reports.map(({ message }) => message)).toEqual([
      `otlp did not take 1 spans: ${new URL(receiver.url).host} answered 401.`,
    ]);
    await receiver.close();
  });

  it("drops what does not fit the queue, and says so", async () => {
    // Two are under way as soon as two wait.
    const { spans, reports } = setUp({ batch: { maxQueue: 2, concurrency: 1 } });
    for (let n = 0; n < 5; n++) withSpan(`span ${n}`, () => undefined);
    expect((await spans()).map(({ name }) => name)).toEqual(["span 0", "span 1", "span 2", "span 3"]);
    expect(reports).toMatchObject([{ code: "export.queue_full", droppedSpans: 1 }]);
  });

  it("counts what a backend accepts in part", async () => {
    const { exporter, tracing, reports } = setUp();
    exporter.respondWith([{ outcome: "delivered", rejectedSpans: 1, message: "too old" }, "rejected", "retry"]);
    for (let round = 0; round < 3; round++) {
      withSpan("a", () => undefined);
      await tracing.forceFlush();
    }
    expect(reports.map(({ code, droppedSpans }) => [code, droppedSpans])).toEqual([
      ["export.partial", 1],
      ["export.failed", 1],
    ]);
  });
});

function throwingExporter() {
  return {
    export() {
      throw new Error("secret");
    },
    shutdown: () => Promise.resolve(),
  };
}

describe("variables", () => {
  it("apply where code says nothing, and bad ones are reported", async () => {
    vi.stubEnv("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "1");
    vi.stubEnv("OTEL_SPAN_EVENT_COUNT_LIMIT", "many");
    vi.stubEnv("OTEL_BSP_MAX_QUEUE_SIZE", "0");
    vi.stubEnv("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "1");
    vi.stubEnv("OTEL_PROPAGATORS", "b3,tracecontext");
    const { spans, exporter, reports } = setUp({ limits: { linkCount: 0 } });
    for (const name of ["a", "b"]) {
      withSpan(
        name,
        {
          attributes: { x: 1, y: 2 },
          links: [{ context: { traceId: "1".repeat(32), spanId: "2".repeat(16), traceFlags: 1 } }],
        },
        () => undefined,
      );
    }
    expect((await spans()).map((span) => [Object.keys(span.attributes), span.droppedLinksCount])).toEqual([
      [["x"], 1],
      [["x"], 1],
    ]);
    expect(exporter.batches.map((batch) => batch.spans.length)).toEqual([1, 1]);
    expect(propagation.fields()).toEqual(["traceparent", "tracestate"]);
    expect(reports.map(({ code }) => code)).toEqual(["env.invalid", "env.invalid", "env.unsupported"]);
  });

  it.each([
    [{ OTEL_TRACES_SAMPLER: "always_off" }, undefined, 0],
    [{ OTEL_TRACES_SAMPLER: "traceidratio", OTEL_TRACES_SAMPLER_ARG: "0" }, undefined, 0],
    [{ OTEL_TRACES_SAMPLER: "always_off" }, 1, 1],
  ])("sampling by %j, in code %j", async (variables, sampling, expected) => {
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
    const { spans } = setUp(sampling === undefined ? {} : { sampling });
    withSpan("a", () => undefined);
    expect(await spans()).toHaveLength(expected);
  });
});

describe("options that cannot work", () => {
  it.each<[string, unknown, RegExp]>([
    ["no object", 5, /^registerNode: option "options": got 5; allowed: an object\.$/],
    ["unknown", { samplng: 1 }, /unknown option "samplng"; allowed: service, resource, exporter, sampling,/],
    ["sampling", { sampling: 2 }, /option "sampling": got 2; allowed: a number from 0 to 1/],
    ["exporter", { exporter: { url: "x" } }, /option "exporter": got \{ url \}; allowed: an exporter made by/],
    ["batch", { batch: { delayMs: 0 } }, /option "batch": got \{ delayMs \}; allowed: whole numbers above 0/],
    ["signals", { exitSignals: ["SIGKILL"] }, /option "exitSignals": got \["SIGKILL"\]; allowed: an array of SIGTERM,/],
    ["redact", { redact: "all" }, /option "redact": got "all"; allowed: a function/],
    ["context", { publicContext: true }, /option "publicContext": got true; allowed: "continue", "link", "ignore"/],
  ])("%s", (_what, options, message) => {
    expect(() => registerNode(options as never)).toThrow(message);
  });

  it("of the other functions, too", () => {
    expect(() => sampler({ sampling: -1 })).toThrow(/^sampler: option "sampling": got -1/);
    expect(() => spanProcessor({ sampling: 1 } as never)).toThrow(/^spanProcessor: unknown option "sampling"/);
  });
});

it("survives diagnostics that throw", async () => {
  const thrown: Diagnostic[] = [];
  const { tracing } = setUp({
    exporter: throwingExporter(),
    diagnostics: (diagnostic) => {
      thrown.push(diagnostic);
      throw new Error("no");
    },
  });
  withSpan("a", () => undefined);
  await tracing.forceFlush();
  expect(thrown).toHaveLength(1);
});
