/**
 * Dash0, whose own web SDK sends OTLP/JSON.
 * Sources: https://dash0.com/documentation/dash0/website-monitoring/proxying-the-ingestion-endpoint,
 * https://www.artillery.io/docs/observability/dash0 (the host of us-east-1)
 */
import type { Exporter } from "../../core/ports.js";
import { bearer } from "../authorization.js";
import { createExporter } from "../exporter.js";
import type { ExporterOptions } from "../exporterOptions.js";
import { pick } from "../pick.js";
import type { PresetDefinition } from "../presetDefinition.js";

const URLS = {
  "eu-west-1": "https://ingress.eu-west-1.aws.dash0.com/v1/traces",
  "us-east-1": "https://ingress.us-east-1.aws.dash0.com/v1/traces",
} as const;

/** Options of {@link dash0}. For another region, set `endpoint`. */
export interface Dash0Options extends ExporterOptions {
  /** @defaultValue `DASH0_AUTH_TOKEN` */
  readonly authToken?: string;
  /** @defaultValue `DASH0_DATASET`, and Dash0's default dataset without it */
  readonly dataset?: string;
  /** @defaultValue `"eu-west-1"` */
  readonly region?: keyof typeof URLS;
}

/**
 * Sends to Dash0. Configured when there is a token.
 *
 * @throws TypeError for options that cannot work
 *
 * @example
 * ```ts
 * import { dash0 } from "convex-otel/otlp";
 *
 * export const exporter = dash0({ dataset: "production" });
 * ```
 */
export function dash0(options: Dash0Options = {}): Exporter {
  const url = pick("dash0", "region", URLS, options.region ?? "eu-west-1");
  return createExporter(dash0Preset(url), options);
}

/** @internal Its keys, and where they go. */
export function dash0Preset(url: string = URLS["eu-west-1"]): PresetDefinition<"authToken" | "dataset"> {
  return {
    name: "dash0",
    credentials: {
      authToken: { env: "DASH0_AUTH_TOKEN", required: true },
      dataset: { env: "DASH0_DATASET", required: false },
    },
    url: () => url,
    trustedUrls: Object.values(URLS),
    headers: ({ authToken, dataset }) => ({ authorization: bearer(authToken), "dash0-dataset": dataset }),
    extraOptions: ["region"],
  };
}
