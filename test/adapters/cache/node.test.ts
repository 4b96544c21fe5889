/** Caches on a server that this library set up, and on one of somebody else: the request is told, from whatever depth. */
import { context, propagation, SpanKind, trace } from "@opentelemetry/api";
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
