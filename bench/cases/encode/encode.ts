/**
 * Spans to the bytes of a request, OTLP/JSON and OTLP/protobuf: our encoders, and the serializers of
 * `@opentelemetry/otlp-transformer`. Each gets the spans of its own recorder, with the same names, attributes and events.
 */
import { ROOT_CONTEXT, SpanKind, trace } from "@opentelemetry/api";
import { JsonTraceSerializer, ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BasicTracerProvider, type ReadableSpan } from "@opentelemetry/sdk-trace-base";
import { callClock, callRandom } from "../../../src/adapters/convex/server/platform.js";
import { DEFAULT_LIMITS } from "../../../src/core/limits.js";
import { Recorder } from "../../../src/core/recorder.js";
import type { SpanRecord } from "../../../src/core/types.js";
import { toOtlpJson } from "../../../src/otlp/encode.js";
import { SpanBatch } from "../../../src/otlp/protobuf/spanBatch.js";

const RESOURCE = { "service.name": "bench", "service.version": "1.0.0", "deployment.environment.name": "test" };

/** Every so many spans one has an event. */
const EVENT_EVERY = 4;

interface Target {
  setAttribute(name: string, value: string | number | boolean): unknown;
  addEvent(name: string, attributes: Record<string, string>): unknown;
  end(): void;
}

function fill(span: Target, index: number): void {
  span.setAttribute("db.system.name", "convex");
  span.setAttribute("db.collection.name", "tasks");
  span.setAttribute("task.title", `Call "${index}" back`);
  span.setAttribute("task.rank", index);
  span.setAttribute("task.weight", index + 0.5);
  span.setAttribute("task.urgent", index % 2 === 0);
  if (index % EVENT_EVERY === 0) span.addEvent("retry", { reason: "conflict" });
  span.end();
}

/** Spans of our recorder. */
export function ourSpans(count: number): SpanRecord[] {
  const limits = { ...DEFAULT_LIMITS, spanCount: count };
  const recorder = new Recorder("mutation", { clock: callClock(undefined), random: callRandom(), limits });
  for (let index = 1; index < count; index++) fill(recorder.entry.startChild("db.insert", { kind: "client" }), index);
  fill(recorder.entry, 0);
  return recorder.finish();
}

/** Spans of the SDK. */
export function sdkSpans(count: number): ReadableSpan[] {
  const spans: ReadableSpan[] = [];
  const settled = () => Promise.resolve();
  const keep = {
    onStart() {},
    onEnd: (span: ReadableSpan) => void spans.push(span),
    forceFlush: settled,
    shutdown: settled,
  };
  const provider = new BasicTracerProvider({ resource: resourceFromAttributes(RESOURCE), spanProcessors: [keep] });
  const tracer = provider.getTracer("bench", "1.0.0");
  const entry = tracer.startSpan("mutation", {}, ROOT_CONTEXT);
  const context = trace.setSpan(ROOT_CONTEXT, entry);
  for (let index = 1; index < count; index++)
    fill(tracer.startSpan("db.insert", { kind: SpanKind.CLIENT }, context), index);
  fill(entry, 0);
  return spans;
}

const options = { resource: { attributes: RESOURCE }, scope: { name: "bench", version: "1.0.0" } };
const encoder = new TextEncoder();

/** Bytes, as the official serializer gives them, although we hand texts to `fetch`. */
export function encodeOurs(spans: readonly SpanRecord[]): Uint8Array {
  return encoder.encode(toOtlpJson(spans, options));
}

export function encodeOfficial(spans: ReadableSpan[]): Uint8Array | undefined {
  return JsonTraceSerializer.serializeRequest(spans);
}

/** A span after the other, as a server does when they end, and then the request. */
export function encodeOursProtobuf(spans: readonly SpanRecord[]): Uint8Array {
  const batch = new SpanBatch(options.resource);
  for (const span of spans) batch.add(span);
  return batch.finish();
}

export function encodeOfficialProtobuf(spans: ReadableSpan[]): Uint8Array | undefined {
  return ProtobufTraceSerializer.serializeRequest(spans);
}
