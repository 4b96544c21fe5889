/**
 * Better Stack, which takes OTLP as JSON and as protobuf at a host of the source's own.
 * Source: https://betterstack.com/docs/logs/ingesting-data/http/traces
 */
import type { Exporter } from "../../core/ports.js";
import { bearer } from "../authorization.js";
import { belowBase } from "../endpoint.js";
import { createExporter } from "../exporter.js";
import type { ExporterOptions } from "../exporterOptions.js";
import type { PresetDefinition } from "../presetDefinition.js";

/** Options of {@link betterstack}. */
export interface BetterStackOptions extends ExporterOptions {
  /** @defaultValue `BETTER_STACK_SOURCE_TOKEN` */
  readonly sourceToken?: string;
  /**
   * The ingesting host of the source as a URL, such as `https://s123.eu-nbg-2.betterstackdata.com`.
   *
   * @defaultValue `BETTER_STACK_INGESTING_URL`
   */
  readonly ingestingUrl?: string;
}

/**
 * Sends to Better Stack. Configured when there are a source token and an ingesting URL.
 *
 * @throws TypeError for options that cannot work
 *
 * @example
 * ```ts
 * import { betterstack } from "convex-otel/otlp";
 *
 * export const exporter = betterstack();
 * ```
 */
export function betterstack(options: BetterStackOptions = {}): Exporter {
  if (typeof options.ingestingUrl === "string" && belowBase(options.ingestingUrl) === undefined) {
    throw new TypeError('betterstack(): ingestingUrl must be an absolute URL, such as "https://<ingesting host>"');
  }
  return createExporter(betterstackPreset(), options);
}

/** @internal Its keys, and where they go. */
export function betterstackPreset(): PresetDefinition<"sourceToken" | "ingestingUrl"> {
  return {
    name: "betterstack",
    credentials: {
      sourceToken: { env: "BETTER_STACK_SOURCE_TOKEN", required: true },
      ingestingUrl: { env: "BETTER_STACK_INGESTING_URL", required: false },
    },
    url: ({ ingestingUrl }) => (ingestingUrl === undefined ? undefined : belowBase(ingestingUrl)),
    headers: ({ sourceToken }) => ({ authorization: bearer(sourceToken) }),
  };
}
