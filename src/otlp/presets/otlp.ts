/**
 * Any OTLP/HTTP endpoint, and the two that run on one's own machine.
 */
import type { Exporter } from "../../core/ports.js";
import { createExporter } from "../exporter.js";
import type { ExporterOptions } from "../exporterOptions.js";

/** Where OTLP receivers listen for HTTP (https://opentelemetry.io/docs/specs/otlp/#otlphttp-default-port). */
const LOCAL_URL = "http://localhost:4318/v1/traces";

/**
 * Sends to any backend that takes OTLP/JSON over HTTP.
 *
 * Without `endpoint` it is configured only when `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` or `OTEL_EXPORTER_OTLP_ENDPOINT` is
 * set: until then nothing is recorded.
 *
 * @throws TypeError for options that cannot work
 *
 * @example
 * ```ts
 * import { otlp } from "convex-otel/otlp";
 *
 * export const exporter = otlp({ endpoint: "https://collector.example.com/v1/traces", headers: { "x-tenant": "shop" } });
 * ```
 */
export function otlp(options: ExporterOptions = {}): Exporter {
  return createExporter({ name: "otlp", credentials: {} }, options);
}

/**
 * Sends to a Jaeger on this machine, `http://localhost:4318/v1/traces`, unless an endpoint is given or set. A Convex
 * cloud deployment cannot reach it there.
 *
 * Source: https://www.jaegertracing.io/docs/latest/apis/
 *
 * @throws TypeError for options that cannot work
 *
 * @example
 * ```ts
 * import { jaeger } from "convex-otel/otlp";
 *
 * export const exporter = jaeger();
 * ```
 */
export function jaeger(options: ExporterOptions = {}): Exporter {
  return createExporter({ name: "jaeger", credentials: {}, url: () => LOCAL_URL }, options);
}

/**
 * Sends to an OpenTelemetry Collector on this machine, `http://localhost:4318/v1/traces`, unless an endpoint is given or
 * set. A Convex cloud deployment cannot reach it there.
 *
 * Source: https://github.com/open-telemetry/opentelemetry-collector/tree/main/receiver/otlpreceiver
 *
 * @throws TypeError for options that cannot work
 *
 * @example
 * ```ts
 * import { collector } from "convex-otel/otlp";
 *
 * export const exporter = collector({ endpoint: "https://otel.example.com" });
 * ```
 */
export function collector(options: ExporterOptions = {}): Exporter {
  return createExporter({ name: "collector", credentials: {}, url: () => LOCAL_URL }, options);
}
