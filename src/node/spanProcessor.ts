/** The way out of this library for a provider that somebody else set up. */
import { type Context, propagation, trace } from "@opentelemetry/api";
import type { ReadableSpan, Span, SpanProcessor } from "@opentelemetry/sdk-trace-base";
import { FLAG_SAMPLED } from "../core/recorder.js";
import { noteSpanStart } from "../core/requestSpan.js";
import { CORRELATION_BAGGAGE_KEY, isValidCorrelationId } from "../propagation/correlation.js";
import { CORRELATION_ID } from "../semconv/attributes.js";
import { checkNodeOptions } from "./checkOptions.js";
import { ExportPipeline } from "./exportPipeline.js";
import { isConfigured, type NodeExporter } from "./nodeExporter.js";
import { type NodeConfig, resolveNodeOptions, type SpanProcessorOptions } from "./options.js";
import { processEnv } from "./processEnv.js";
import type { ResourceSource } from "./resourceSource.js";
import { spanRecord } from "./spanRecord.js";
import { wayOut } from "./wayOut.js";

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
  const config = resolveNodeOptions(options, processEnv);
  const { exporter } = options;
  if (exporter === undefined || !isConfigured(exporter, config.env)) return nothing();
  return new ForeignSpans(exporter, config);
}

/** Spans whose provider knows nothing of correlation ids, which come with baggage, and of requests, which are told apart here. */
class ForeignSpans implements SpanProcessor {
  readonly #exporter: NodeExporter;
  readonly #config: NodeConfig;
  /** Of the resources of spans: mostly one. */
  readonly #pipelines = new Map<ResourceSource, ExportPipeline>();

  constructor(exporter: NodeExporter, config: NodeConfig) {
    this.#exporter = exporter;
    this.#config = config;
  }

  onStart(span: Span, parent: Context): void {
    const id = propagation.getBaggage(parent)?.getEntry(CORRELATION_BAGGAGE_KEY)?.value;
    if (isValidCorrelationId(id)) span.setAttribute(CORRELATION_ID, id);
    noteSpanStart(span, trace.getSpan(parent));
  }

  onEnd(span: ReadableSpan): void {
    if ((span.spanContext().traceFlags & FLAG_SAMPLED) === 0) return;
    const pipeline = this.#pipelineOf(span.resource);
    try {
      pipeline.add(spanRecord(span, this.#config.rules.attributes));
    } catch {
      // Of what cannot be read, nothing can be sent.
      pipeline.refuse();
    }
  }

  async forceFlush(): Promise<void> {
    await Promise.all([...this.#pipelines.values()].map((pipeline) => pipeline.forceFlush()));
  }

  async shutdown(): Promise<void> {
    await Promise.all([...this.#pipelines.values()].map((pipeline) => pipeline.shutdown()));
  }

  #pipelineOf(resource: ResourceSource): ExportPipeline {
    let pipeline = this.#pipelines.get(resource);
    if (pipeline === undefined) {
      const { batch, report } = this.#config;
      pipeline = new ExportPipeline({ wayOut: wayOut(this.#exporter, resource, this.#config), batch, report });
      this.#pipelines.set(resource, pipeline);
    }
    return pipeline;
  }
}

function nothing(): SpanProcessor {
  const done = () => Promise.resolve();
  return { onStart: () => undefined, onEnd: () => undefined, forceFlush: done, shutdown: done };
}
