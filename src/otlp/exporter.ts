/**
 * The exporter behind every preset. It is created where an app is set up, which in Convex means on every call: so
 * creating one checks its options and nothing else. Keys and `OTEL_*` variables are read when something is sent, and
 * whatever sending needs is loaded then.
 */
import { isConfigured, send } from "./exporterCalls.js";
import { checkOptions, type ExporterOptions } from "./exporterOptions.js";
import type { PresetExporter } from "./exporterSettings.js";
import type { CredentialValues, PresetDefinition } from "./presetDefinition.js";
import type { Fetch } from "./fetchExchange.js";

/** What tests put in place of the network and the clock. */
export interface ExporterSeams {
  readonly fetch?: Fetch;
  /** Milliseconds since the Unix epoch. */
  readonly now?: () => number;
}

/**
 * Makes an exporter from a preset and what the code says.
 *
 * @throws TypeError for an unknown option or a value that cannot work, naming the option and what is allowed
 */
export function createExporter<Name extends string>(
  definition: PresetDefinition<Name>,
  options: ExporterOptions & CredentialValues<NoInfer<Name>>,
  seams: ExporterSeams = {},
): PresetExporter {
  // Most apps give none, and pay for no check.
  if (typeof options !== "object" || options === null || Object.keys(options).length > 0) {
    checkOptions(definition, options);
  }
  const parts = { definition, options, ...seams };
  return {
    name: definition.name,
    isConfigured: (env) => isConfigured(parts, env),
    send: (texts, sendOptions) => send(parts, texts, sendOptions),
    parts: () => parts,
  };
}
