/**
 * Datadog's OTLP intake, which takes OTLP as JSON and as protobuf, and answers 413 above 3.2 MB.
 * Sources: https://docs.datadoghq.com/opentelemetry/setup/otlp_ingest/traces/,
 * https://www.checklyhq.com/docs/integrations/observability/traces/datadog/ (the host of each site)
 */
import type { Exporter } from "../../core/ports.js";
import { createExporter } from "../exporter.js";
import type { ExporterOptions } from "../exporterOptions.js";
import { pick } from "../pick.js";
import type { PresetDefinition } from "../presetDefinition.js";

/** Datadog's sites by the name that `DD_SITE` has in Datadog's own tools. */
const URLS = {
  "datadoghq.com": "https://otlp.datadoghq.com/v1/traces",
  "us3.datadoghq.com": "https://otlp.us3.datadoghq.com/v1/traces",
  "us5.datadoghq.com": "https://otlp.us5.datadoghq.com/v1/traces",
  "datadoghq.eu": "https://otlp.datadoghq.eu/v1/traces",
  "ap1.datadoghq.com": "https://otlp.ap1.datadoghq.com/v1/traces",
  "ap2.datadoghq.com": "https://otlp.ap2.datadoghq.com/v1/traces",
  "ddog-gov.com": "https://otlp.ddog-gov.com/v1/traces",
} as const;

/** Options of {@link datadog}. */
export interface DatadogOptions extends ExporterOptions {
  /** @defaultValue `DD_API_KEY` */
  readonly apiKey?: string;
  /** Site of the organization. @defaultValue `"datadoghq.com"` */
  readonly site?: keyof typeof URLS;
}

/**
 * Sends to Datadog without an agent. Configured when there is a key. Datadog computes trace metrics only if asked to
 * with a header of its own, which goes into `headers`: see its page.
 *
 * @throws TypeError for options that cannot work
 *
 * @example
 * ```ts
 * import { datadog } from "convex-otel/otlp";
 *
 * export const exporter = datadog({ site: "datadoghq.eu" });
 * ```
 */
export function datadog(options: DatadogOptions = {}): Exporter {
  const url = pick("datadog", "site", URLS, options.site ?? "datadoghq.com");
  return createExporter(datadogPreset(url), options);
}

/** @internal Its keys, and where they go. */
export function datadogPreset(url: string = URLS["datadoghq.com"]): PresetDefinition<"apiKey"> {
  return {
    name: "datadog",
    credentials: { apiKey: { env: "DD_API_KEY", required: true } },
    url: () => url,
    trustedUrls: Object.values(URLS),
    headers: ({ apiKey }) => ({ "dd-api-key": apiKey }),
    extraOptions: ["site"],
  };
}
