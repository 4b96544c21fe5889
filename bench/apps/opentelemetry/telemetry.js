/**
 * The OpenTelemetry set-up that Convex documents for agents (https://docs.convex.dev/agents/debugging): provider, resource,
 * processor, exporter, and the provider made global.
 */
import { trace } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BasicTracerProvider, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";

export const provider = new BasicTracerProvider({
  resource: resourceFromAttributes({ "service.name": "bench", "service.version": "1.0.0" }),
  spanProcessors: [
    new SimpleSpanProcessor(
      new OTLPTraceExporter({
        url: process.env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT,
        headers: { Authorization: `Bearer ${process.env.OTEL_EXPORTER_OTLP_TRACES_TOKEN}` },
      }),
    ),
  ],
});
trace.setGlobalTracerProvider(provider);

export const tracer = provider.getTracer("bench");
