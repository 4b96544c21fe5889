/**
 * Recording spans: the recorder of a Convex call, with the clock and random numbers it has there, and the tracer of
 * `@opentelemetry/sdk-trace-base` without a span processor, which neither exports nor keeps its spans. Both have the
 * limits of the OpenTelemetry specification.
 */
import { ROOT_CONTEXT, trace } from "@opentelemetry/api";
import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
import { callClock, callRandom } from "../../../src/adapters/convex/server/platform.js";
import { DEFAULT_LIMITS } from "../../../src/core/limits.js";
import { Recorder } from "../../../src/core/recorder.js";
import type { SpanRecord } from "../../../src/core/types.js";

/** Spans of one call besides its entry span. */
export const CHILD_SPANS = 20;

interface AttributeTarget {
  setAttribute(name: string, value: string | number | boolean): unknown;
  end(): void;
}

function fill(span: AttributeTarget, index: number): void {
  span.setAttribute("db.collection.name", "tasks");
  span.setAttribute("task.rank", index);
  span.setAttribute("task.urgent", true);
  span.end();
}

/** A call with its spans started, filled and ended. */
export function recordCall(): Recorder {
  const recorder = new Recorder("mutation", {
    clock: callClock(undefined),
    random: callRandom(),
    limits: DEFAULT_LIMITS,
  });
  for (let index = 0; index < CHILD_SPANS; index++) fill(recorder.entry.startChild("db.insert"), index);
  fill(recorder.entry, 0);
  return recorder;
}

/** The same, made into plain records with ids, ready to be encoded. */
export function recordAndFinishCall(): SpanRecord[] {
  return recordCall().finish();
}

const { attributeCount, attributeValueLength, eventCount, linkCount, attributePerEventCount, attributePerLinkCount } =
  DEFAULT_LIMITS;

const tracer = new BasicTracerProvider({
  spanLimits: {
    attributeCountLimit: attributeCount,
    attributeValueLengthLimit: attributeValueLength,
    eventCountLimit: eventCount,
    linkCountLimit: linkCount,
    attributePerEventCountLimit: attributePerEventCount,
    attributePerLinkCountLimit: attributePerLinkCount,
  },
}).getTracer("bench");

/** The same spans by the SDK. Its spans are ready to be encoded when they have ended. */
export function recordWithSdk(): unknown {
  const entry = tracer.startSpan("mutation", {}, ROOT_CONTEXT);
  const context = trace.setSpan(ROOT_CONTEXT, entry);
  for (let index = 0; index < CHILD_SPANS; index++) fill(tracer.startSpan("db.insert", {}, context), index);
  fill(entry, 0);
  return entry;
}
