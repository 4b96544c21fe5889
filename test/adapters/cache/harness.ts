/** A registered OpenTelemetry provider for tests of caches, and what it recorded as text. */
import { type Context, context, type Span, SpanKind as SpanKindOfApi, trace } from "@opentelemetry/api";
import { AsyncLocalStorageContextManager } from "@opentelemetry/context-async-hooks";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
  type SpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { afterEach, beforeEach } from "vitest";
import { noteSpanStart } from "../../../src/core/requestSpan.js";
import type { AttributeValue, SpanKind, SpanRecord } from "../../../src/index.js";
import { spanTree } from "../../../src/testing/index.js";

const KINDS: readonly SpanKind[] = ["internal", "server", "client", "producer", "consumer"];

/** What a processor of `convex-otel/node` does when a span starts. */
const requests: SpanProcessor = {
  onStart: (span, parent: Context) => noteSpanStart(span, trace.getSpan(parent)),
  onEnd: () => undefined,
  forceFlush: () => Promise.resolve(),
  shutdown: () => Promise.resolve(),
};

/** What was recorded. */
export interface Recorded {
  readonly spans: readonly SpanRecord[];
  /** The whole of it, with the attributes that start with one of the prefixes. */
  tree(...attributes: readonly string[]): string;
  reset(): void;
}

/** Registers a provider around each test. */
export function recordSpans(): Recorded {
  const exporter = new InMemorySpanExporter();
  beforeEach(() => {
    const spanProcessors = [requests, new SimpleSpanProcessor(exporter)];
    trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors }));
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    exporter.reset();
  });
  afterEach(() => {
    trace.disable();
    context.disable();
  });
  return {
    get spans() {
      return inOrderOfStart(exporter.getFinishedSpans());
    },
    tree: (...attributes) => spanTree(inOrderOfStart(exporter.getFinishedSpans()), { attributes }),
    reset: () => exporter.reset(),
  };
}

/** A request as a server records it. */
export async function request<T>(name: string, fn: () => T | Promise<T>): Promise<T> {
  return await trace.getTracer("test").startActiveSpan(name, { kind: SpanKindOfApi.SERVER }, async (span: Span) => {
    try {
      return await fn();
    } finally {
      span.end();
    }
  });
}

/** In the order in which they were started: ids of this SDK are random, and clocks too coarse to tell. */
function inOrderOfStart(spans: readonly ReadableSpan[]): SpanRecord[] {
  return spans.toSorted((a, b) => millis(a.startTime) - millis(b.startTime)).map(recordOf);
}

function recordOf(span: ReadableSpan): SpanRecord {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return {
    name: span.name,
    kind: KINDS[span.kind] ?? "internal",
    traceId,
    spanId,
    traceFlags,
    ...(span.parentSpanContext === undefined ? {} : { parentSpanId: span.parentSpanContext.spanId }),
    parentIsRemote: span.parentSpanContext?.isRemote === true,
    startTime: millis(span.startTime),
    endTime: millis(span.endTime),
    attributes: span.attributes,
    events: span.events.map(({ name, time, attributes = {} }) => {
      const own = attributes as Record<string, AttributeValue>;
      return { name, time: millis(time), attributes: own, droppedAttributesCount: 0 };
    }),
    links: span.links.map(({ context: target }) => {
      return { context: { ...target, traceState: "" }, attributes: {}, droppedAttributesCount: 0 };
    }),
    status: { code: span.status.code, ...(span.status.message ? { message: span.status.message } : {}) },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

function millis([seconds, nanos]: readonly [number, number]): number {
  return seconds * 1000 + nanos / 1e6;
}
