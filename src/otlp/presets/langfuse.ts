/**
 * Langfuse, which takes OTLP as JSON and as protobuf. Source: https://langfuse.com/integrations/native/opentelemetry
 */
import type { Exporter } from "../../core/ports.js";
import { basic } from "../authorization.js";
import { createExporter } from "../exporter.js";
import type { ExporterOptions } from "../exporterOptions.js";
import { pick } from "../pick.js";
import type { PresetDefinition } from "../presetDefinition.js";

const URLS = {
  eu: "https://cloud.langfuse.com/api/public/otel/v1/traces",
  us: "https://us.cloud.langfuse.com/api/public/otel/v1/traces",
  jp: "https://jp.cloud.langfuse.com/api/public/otel/v1/traces",
  hipaa: "https://hipaa.cloud.langfuse.com/api/public/otel/v1/traces",
} as const;

/** Options of {@link langfuse}. For a self-hosted Langfuse, set `endpoint`. */
export interface LangfuseOptions extends ExporterOptions {
  /** @defaultValue `LANGFUSE_PUBLIC_KEY` */
  readonly publicKey?: string;
  /** @defaultValue `LANGFUSE_SECRET_KEY` */
  readonly secretKey?: string;
  /** @defaultValue `"eu"` */
  readonly region?: keyof typeof URLS;
}

/**
 * Sends to Langfuse. Configured when there are both keys.
 *
 * @throws TypeError for options that cannot work
 *
 * @example
 * ```ts
 * import { langfuse } from "convex-otel/otlp";
 *
 * export const exporter = langfuse({ region: "us" });
 * ```
 */
export function langfuse(options: LangfuseOptions = {}): Exporter {
  const url = pick("langfuse", "region", URLS, options.region ?? "eu");
  return createExporter(langfusePreset(url), options);
}

/** @internal Its keys, and where they go. */
export function langfusePreset(url: string = URLS.eu): PresetDefinition<"publicKey" | "secretKey"> {
  return {
    name: "langfuse",
    credentials: {
      publicKey: { env: "LANGFUSE_PUBLIC_KEY", required: true },
      secretKey: { env: "LANGFUSE_SECRET_KEY", required: true },
    },
    url: () => url,
    trustedUrls: Object.values(URLS),
    headers: ({ publicKey, secretKey }) => ({
      authorization: basic(publicKey, secretKey),
      "x-langfuse-ingestion-version": "4",
    }),
    extraOptions: ["region"],
  };
}
