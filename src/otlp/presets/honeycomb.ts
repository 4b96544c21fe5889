/**
 * Honeycomb, which takes OTLP as JSON and as protobuf. Source: https://docs.honeycomb.io/send-data/opentelemetry
 */
import type { Exporter } from "../../core/ports.js";
import { createExporter } from "../exporter.js";
import type { ExporterOptions } from "../exporterOptions.js";
import { pick } from "../pick.js";
import type { PresetDefinition } from "../presetDefinition.js";

const URLS = { us: "https://api.honeycomb.io/v1/traces", eu: "https://api.eu1.honeycomb.io/v1/traces" } as const;

/** Options of {@link honeycomb}. */
export interface HoneycombOptions extends ExporterOptions {
  /** Ingest key. @defaultValue `HONEYCOMB_API_KEY` */
  readonly apiKey?: string;
  /** Needed for Honeycomb Classic only. @defaultValue `HONEYCOMB_DATASET` */
  readonly dataset?: string;
  /** @defaultValue `"us"` */
  readonly region?: keyof typeof URLS;
}

/**
 * Sends to Honeycomb. Configured when there is a key; the key from the environment goes to Honeycomb only.
 *
 * @throws TypeError for options that cannot work
 *
 * @example
 * ```ts
 * import { honeycomb } from "convex-otel/otlp";
 *
 * export const exporter = honeycomb({ region: "eu" });
 * ```
 */
export function honeycomb(options: HoneycombOptions = {}): Exporter {
  const url = pick("honeycomb", "region", URLS, options.region ?? "us");
  return createExporter(honeycombPreset(url), options);
}

/** @internal Its keys, and where they go. */
export function honeycombPreset(url: string = URLS.us): PresetDefinition<"apiKey" | "dataset"> {
  return {
    name: "honeycomb",
    credentials: {
      apiKey: { env: "HONEYCOMB_API_KEY", required: true },
      dataset: { env: "HONEYCOMB_DATASET", required: false },
    },
    url: () => url,
    trustedUrls: Object.values(URLS),
    headers: ({ apiKey, dataset }) => ({ "x-honeycomb-team": apiKey, "x-honeycomb-dataset": dataset }),
    extraOptions: ["region"],
  };
}
