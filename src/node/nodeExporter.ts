/** What a server may be given as exporter, and what can be known of it before anything is sent. */
import type { SpanExporter } from "@opentelemetry/sdk-trace-base";
import type { Env, Exporter } from "../core/ports.js";
import { readEnv } from "../otlp/envReader.js";

/** An exporter of this library, or of the OpenTelemetry SDK. */
export type NodeExporter = Exporter | SpanExporter;

/** Whether an exporter is one of the SDK. */
export function isSpanExporter(exporter: NodeExporter): exporter is SpanExporter {
  return "export" in exporter && typeof exporter.export === "function";
}

/** Whether there is somewhere to send to. The SDK's exporters do not know; `none` switches them off as well. */
export function isConfigured(exporter: NodeExporter, env: Env): boolean {
  if (!isSpanExporter(exporter)) return exporter.isConfigured(env);
  return readEnv(env, "OTEL_TRACES_EXPORTER")?.toLowerCase() !== "none";
}

/** What messages call it. */
export function nameOfExporter(exporter: NodeExporter): string {
  return isSpanExporter(exporter) ? (exporter.constructor?.name ?? "The exporter") : exporter.name;
}
