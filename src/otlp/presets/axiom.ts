/**
 * Axiom. Its own pages name protobuf; that it takes OTLP/JSON for traces is documented by OpenRouter, which sends it.
 * Sources: https://axiom.co/docs/send-data/opentelemetry,
 * https://openrouter.ai/docs/guides/features/broadcast/otel-collector
 */
import type { Exporter } from "../../core/ports.js";
import { bearer } from "../authorization.js";
import { createExporter } from "../exporter.js";
import type { ExporterOptions } from "../exporterOptions.js";
import { pick } from "../pick.js";
import type { PresetDefinition } from "../presetDefinition.js";

const URLS = {
  us: "https://us-east-1.aws.edge.axiom.co/v1/traces",
  eu: "https://eu-central-1.aws.edge.axiom.co/v1/traces",
} as const;

/** Options of {@link axiom}. */
export interface AxiomOptions extends ExporterOptions {
  /** API token. @defaultValue `AXIOM_TOKEN` */
  readonly token?: string;
  /** Where spans are filed; each signal has a dataset of its own. @defaultValue `AXIOM_DATASET` */
  readonly dataset?: string;
  /** @defaultValue `"us"` */
  readonly region?: keyof typeof URLS;
}

/**
 * Sends to Axiom. Configured when there are a token and a dataset.
 *
 * @throws TypeError for options that cannot work
 *
 * @example
 * ```ts
 * import { axiom } from "convex-otel/otlp";
 *
 * export const exporter = axiom({ dataset: "traces" });
 * ```
 */
export function axiom(options: AxiomOptions = {}): Exporter {
  const url = pick("axiom", "region", URLS, options.region ?? "us");
  return createExporter(axiomPreset(url), options);
}

/** @internal Its keys, and where they go. */
export function axiomPreset(url: string = URLS.us): PresetDefinition<"token" | "dataset"> {
  return {
    name: "axiom",
    credentials: {
      token: { env: "AXIOM_TOKEN", required: true },
      dataset: { env: "AXIOM_DATASET", required: true },
    },
    url: () => url,
    trustedUrls: Object.values(URLS),
    headers: ({ token, dataset }) => ({ authorization: bearer(token), "x-axiom-dataset": dataset }),
    extraOptions: ["region"],
  };
}
