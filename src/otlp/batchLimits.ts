/**
 * How large a request may be. Constants only: they are needed where options are checked, on every call.
 */

/** Spans in one request: the default batch size of the OpenTelemetry SDKs (`OTEL_BSP_MAX_EXPORT_BATCH_SIZE`). */
export const MAX_REQUEST_SPANS = 512;

/**
 * Default bytes in one request, uncompressed. The smallest documented limit of a vendor is New Relic's 1 MB
 * (https://docs.newrelic.com/docs/opentelemetry/best-practices/opentelemetry-otlp/); a tenth is left as room.
 */
export const DEFAULT_MAX_REQUEST_BYTES = 900_000;

/** Upper bound of that setting: clients should not send more than 64 MiB (OTLP specification, "OTLP/HTTP Request"). */
export const LARGEST_MAX_REQUEST_BYTES = 64 * 1024 * 1024;
