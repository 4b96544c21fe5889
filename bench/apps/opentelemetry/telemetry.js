/**
 * The OpenTelemetry set-up that Convex documents for agents (https://docs.convex.dev/agents/debugging), with a batching
 * processor: provider, resource, processor, exporter, and the provider made global.
 *
 * The exporter stands in for `@opentelemetry/exporter-trace-otlp-http`: the same serializer and one `fetch`, without the
 * official one's options, retries and metrics. So this module is lighter than the real set-up.
 */
import { trace } from "@opentelemetry/api";
import { JsonTraceSerializer } from "@opentelemetry/otlp-transformer";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BasicTracerProvider, BatchSpanProcessor } from "@opentelemetry/sdk-trace-base";

class FetchExporter {
  constructor({ url, headers }) {
    this.url = url ?? "http://localhost:4318/v1/traces";
    this.headers = { "Content-Type": "application/json", ...headers };
  }

  export(spans, done) {
    const body = JsonTraceSerializer.serializeRequest(spans);
    fetch(this.url, { method: "POST", headers: this.headers, body }).then(
      () => done({ code: 0 }),
      (error) => done({ code: 1, error }),
    );
  }

  async shutdown() {}
}

const exporter = new FetchExporter({
  url: process.env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT,
  headers: { Authorization: `Bearer ${process.env.OTEL_EXPORTER_OTLP_TRACES_TOKEN}` },
});

export const provider = new BasicTracerProvider({
  resource: resourceFromAttributes({ "service.name": "bench", "service.version": "1.0.0" }),
  spanProcessors: [new BatchSpanProcessor(exporter)],
});
trace.setGlobalTracerProvider(provider);

export const tracer = provider.getTracer("bench");
