/** The way out of this library for a provider that somebody else set up. */
import { type Context, propagation, trace } from "@opentelemetry/api";
import type { ReadableSpan, Span, SpanProcessor } from "@opentelemetry/sdk-trace-base";
import { noteSpanStart } from "../core/requestSpan.js";
import { CORRELATION_BAGGAGE_KEY, isValidCorrelationId } from "../propagation/correlation.js";
import { CORRELATION_ID } from "../semconv/attributes.js";
import { checkNodeOptions } from "./checkOptions.js";
import { ExportPipeline } from "./exportPipeline.js";
import { redactedSpan } from "./finishedSpan.js";
import { resolveNodeOptions, type SpanProcessorOptions } from "./options.js";
import { processEnv } from "./processEnv.js";
import { isConfigured, nameOfExporter, toSpanExporter } from "./spanExporter.js";

/**
 * A span processor that sends the spans of another set-up, such as NodeSDK or Sentry, to an exporter of this library, in
 * addition to where they go anyway. Its redaction and length limit hold for what it sends; it sends what that set-up samples,
 * with that set-up's resource. Give that set-up `sampler()` and `propagator()` as well, where it takes them.
 *
 * While the exporter is absent or not configured, the processor does nothing.
 *
 * @throws TypeError for options that cannot work
 *
 * @example
 * ```ts
 * import { BasicTracerProvider } from "@opentelemetry/sdk-trace-base";
 * import { spanProcessor } from "convex-otel/node";
 * import { honeycomb } from "convex-otel/otlp";
 *
 * export const provider = new BasicTracerProvider({ spanProcessors: [spanProcessor({ exporter: honeycomb() })] });
 * ```
 */
export function spanProcessor(options: SpanProcessorOptions = {}): SpanProcessor {
  checkNodeOptions("spanProcessor", options, ["exporter", "batch", "limits", "redact", "diagnostics"]);
  const { env, report, batch, rules } = resolveNodeOptions(options, processEnv);
  const { exporter } = options;
  if (exporter === undefined || !isConfigured(exporter, env)) return nothing();
  return new ForeignSpans({
    name: nameOfExporter(exporter),
    exporter: toSpanExporter(exporter, { env, batch, report }),
    batch,
    report,
    prepare: (span: ReadableSpan) => redactedSpan(span, rules.attributes),
  });
}

/** Spans whose provider knows nothing of correlation ids, which come with baggage, and of requests, which are told apart here. */
class ForeignSpans extends ExportPipeline {
  override onStart(span: Span, parent: Context): void {
    const id = propagation.getBaggage(parent)?.getEntry(CORRELATION_BAGGAGE_KEY)?.value;
    if (isValidCorrelationId(id)) span.setAttribute(CORRELATION_ID, id);
    noteSpanStart(span, trace.getSpan(parent));
  }
}

function nothing(): SpanProcessor {
  const done = () => Promise.resolve();
  return { onStart: () => undefined, onEnd: () => undefined, forceFlush: done, shutdown: done };
}
