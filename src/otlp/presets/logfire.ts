/**
 * Pydantic Logfire, which takes OTLP as JSON and as protobuf. Source:
 * https://logfire.pydantic.dev/docs/how-to-guides/alternative-clients/
 */
import type { Exporter } from "../../core/ports.js";
import { createExporter } from "../exporter.js";
import type { ExporterOptions } from "../exporterOptions.js";
import { pick } from "../pick.js";
import type { PresetDefinition } from "../presetDefinition.js";

const URLS = {
  us: "https://logfire-us.pydantic.dev/v1/traces",
  eu: "https://logfire-eu.pydantic.dev/v1/traces",
} as const;

/** Options of {@link logfire}. */
export interface LogfireOptions extends ExporterOptions {
  /** Write token. @defaultValue `LOGFIRE_TOKEN` */
  readonly token?: string;
  /** @defaultValue `"us"` */
  readonly region?: keyof typeof URLS;
}

/**
 * Sends to Logfire. Configured when there is a write token.
 *
 * @throws TypeError for options that cannot work
 *
 * @example
 * ```ts
 * import { logfire } from "convex-otel/otlp";
 *
 * export const exporter = logfire();
 * ```
 */
export function logfire(options: LogfireOptions = {}): Exporter {
  const url = pick("logfire", "region", URLS, options.region ?? "us");
  return createExporter(logfirePreset(url), options);
}

/** @internal Its keys, and where they go. */
export function logfirePreset(url: string = URLS.us): PresetDefinition<"token"> {
  return {
    name: "logfire",
    credentials: { token: { env: "LOGFIRE_TOKEN", required: true } },
    url: () => url,
    trustedUrls: Object.values(URLS),
    // The bare token: Logfire wants no scheme in front.
    headers: ({ token }) => ({ authorization: token }),
    extraOptions: ["region"],
  };
}
