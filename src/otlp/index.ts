/**
 * `convex-otel/otlp`: the way out for spans. Presets make an exporter; the encoder is public for own transports.
 *
 * Nothing here loads the transport: the exporter does, with `import()`, when it sends.
 */
export type { Diagnostic, Diagnostics, Env, Exporter, ExportResult, SendOptions } from "../core/ports.js";
export { encodeSpans, joinTexts, toOtlpJson, type EncodedSpans, type EncodeOptions } from "./encode.js";
export type { Compression } from "./environment.js";
export type { ExporterOptions } from "./exporterOptions.js";
export {
  axiom,
  betterstack,
  collector,
  dash0,
  datadog,
  grafana,
  honeycomb,
  jaeger,
  langfuse,
  logfire,
  newrelic,
  otlp,
  sentry,
  type AxiomOptions,
  type BetterStackOptions,
  type Dash0Options,
  type DatadogOptions,
  type GrafanaOptions,
  type HoneycombOptions,
  type LangfuseOptions,
  type LogfireOptions,
  type NewRelicOptions,
  type SentryOptions,
} from "./presets.js";
export { resourceFromEnv } from "./resourceFromEnv.js";
export { RETRY_MAX_ATTEMPTS, retryDelayMs, type RetryOptions } from "./retry.js";
