/**
 * New Relic, which takes OTLP as JSON and as protobuf, up to 1 MB a request.
 * Source: https://docs.newrelic.com/docs/opentelemetry/best-practices/opentelemetry-otlp/
 */
import type { Exporter } from "../../core/ports.js";
import { createExporter } from "../exporter.js";
import type { ExporterOptions } from "../exporterOptions.js";
import { pick } from "../pick.js";
import type { PresetDefinition } from "../presetDefinition.js";

const URLS = {
  us: "https://otlp.nr-data.net/v1/traces",
  eu: "https://otlp.eu01.nr-data.net/v1/traces",
  fedramp: "https://gov-otlp.nr-data.net/v1/traces",
} as const;

/** Options of {@link newrelic}. */
export interface NewRelicOptions extends ExporterOptions {
  /** License key for ingest. @defaultValue `NEW_RELIC_LICENSE_KEY` */
  readonly licenseKey?: string;
  /** @defaultValue `"us"` */
  readonly region?: keyof typeof URLS;
}

/**
 * Sends to New Relic. Configured when there is a license key. New Relic cuts attribute values at 4,095 characters.
 *
 * @throws TypeError for options that cannot work
 *
 * @example
 * ```ts
 * import { newrelic } from "convex-otel/otlp";
 *
 * export const exporter = newrelic({ region: "eu" });
 * ```
 */
export function newrelic(options: NewRelicOptions = {}): Exporter {
  const url = pick("newrelic", "region", URLS, options.region ?? "us");
  return createExporter(newrelicPreset(url), options);
}

/** @internal Its keys, and where they go. */
export function newrelicPreset(url: string = URLS.us): PresetDefinition<"licenseKey"> {
  return {
    name: "newrelic",
    credentials: { licenseKey: { env: "NEW_RELIC_LICENSE_KEY", required: true } },
    url: () => url,
    trustedUrls: Object.values(URLS),
    headers: ({ licenseKey }) => ({ "api-key": licenseKey }),
    // A tenth below the documented 10^6 bytes.
    maxRequestBytes: 900_000,
    extraOptions: ["region"],
  };
}
