/** Caches on a server that this library set up, and on one of somebody else: the request is told, from whatever depth. */
import { context, propagation, type Span, SpanKind, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import { afterEach, expect, it } from "vitest";
import { createCache } from "../../../src/adapters/cache/index.js";
import { withSpan } from "../../../src/index.js";
import { registerNode, spanProcessor } from "../../../src/node/index.js";
import { memoryExporter, spanTree } from "../../../src/testing/index.js";

afterEach(() => {
  trace.disable();
  context.disable();
  propagation.disable();
});

async function search(): Promise<void> {
  const { cached } = createCache(new Map(), { name: "search", staleWhileRevalidate: 10 });
  await trace.getTracer("http").startActiveSpan("GET /api/search", { kind: SpanKind.SERVER }, async (span) => {
    await withSpan("middleware", () => withSpan("db_search", () => cached("q", () => 1)));
    span.end();
  });
}

const EXPECTED = `
GET /api/search [server] {cache.hit=false}
└─ middleware
   └─ db_search {cache.hit=false}
      ├─ cache get search {cache.hit=false}
      ├─ cache load search
      └─ cache set search`.trim();

it("with registerNode", async () => {
  const exporter = memoryExporter();
  const node = registerNode({ service: { name: "pulse-api" }, exporter });
  await search();
  await node.shutdown();
  expect(spanTree(exporter.spans, { attributes: ["cache.hit"] })).toBe(EXPECTED);
});

it("with a provider of somebody else, and our span processor", async () => {
  const exporter = memoryExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [spanProcessor({ exporter })] });
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  await search();
  await provider.shutdown();
  expect(spanTree(exporter.spans, { attributes: ["cache.hit"] })).toBe(EXPECTED);
});

/** Two parts of one request that look things up in turns. */
async function searchInTurns(): Promise<void> {
  const { cached } = createCache(new Map(), { name: "search" });
  const tracer = trace.getTracer("http");
  await tracer.startActiveSpan("GET /api/search", { kind: SpanKind.SERVER }, async (span) => {
    const shoes = tracer.startSpan("shoes");
    const boots = tracer.startSpan("boots");
    const look = async (asking: Span, key: string): Promise<unknown> => {
      return await context.with(trace.setSpan(context.active(), asking), () => cached(key, () => 1));
    };
    await look(shoes, "shoes");
    await look(boots, "shoes");
    await look(shoes, "shoes");
    await look(boots, "boots");
    await look(span, "shoes");
    for (const each of [shoes, boots, span]) each.end();
  });
}

const IN_TURNS = `
GET /api/search [server] {cache.hit=false cache.hit_count=3 cache.lookup_count=5}
├─ shoes {cache.hit=false cache.hit_count=1 cache.lookup_count=2}
│  ├─ cache get search {cache.hit=false}
│  ├─ cache load search
│  ├─ cache set search
│  └─ cache get search {cache.hit=true}
├─ boots {cache.hit=false cache.hit_count=1 cache.lookup_count=2}
│  ├─ cache get search {cache.hit=true}
│  ├─ cache get search {cache.hit=false}
│  ├─ cache load search
│  └─ cache set search
└─ cache get search {cache.hit=true}`.trim();

const COUNTS = ["cache.hit", "cache.hit_count", "cache.lookup_count"];

it("counts for each span that asks, also where they ask in turns", async () => {
  const exporter = memoryExporter();
  const node = registerNode({ service: { name: "pulse-api" }, exporter });
  await searchInTurns();
  await searchInTurns();
  await node.shutdown();
  for (const { traceId } of exporter.spans.filter(({ kind }) => kind === "server")) {
    const request = exporter.spans.filter((span) => span.traceId === traceId);
    expect(spanTree(request, { attributes: COUNTS })).toBe(IN_TURNS);
  }
  expect.assertions(2);
});

it("counts the same under a provider of somebody else", async () => {
  const exporter = memoryExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [spanProcessor({ exporter })] });
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  await searchInTurns();
  await provider.shutdown();
  expect(spanTree(exporter.spans, { attributes: COUNTS })).toBe(IN_TURNS);
});
