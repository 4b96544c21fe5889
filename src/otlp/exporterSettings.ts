/**
 * Where and how a preset sends, with the keys and variables of the moment. Used where an exporter sends itself, and where the
 * exporter of the OpenTelemetry SDK sends in its place.
 */
import type { Diagnostics, Env, Exporter } from "../core/ports.js";
import { resolveSettings, type ExportSettings, type Protocol } from "./environment.js";
import type { ExporterOptions } from "./exporterOptions.js";
import { mergeHeaders } from "./headers.js";
import { credentialNames, readCredentials, type CredentialValues, type PresetDefinition } from "./presetDefinition.js";
import type { Fetch } from "./fetchExchange.js";

/** What an exporter was made from. */
export interface ExporterParts<Name extends string> {
  readonly definition: PresetDefinition<Name>;
  readonly options: ExporterOptions & CredentialValues<Name>;
  /** For tests; the global `fetch` otherwise. */
  readonly fetch?: Fetch | undefined;
  /** For tests; the system clock otherwise. */
  readonly now?: (() => number) | undefined;
}

/** An exporter that a preset made. */
export interface PresetExporter extends Exporter {
  /** What it was made from. Not a property: whoever prints an exporter should not print a key. */
  parts(): ExporterParts<string>;
}

/** @internal Whether an exporter was made by a preset, of whichever copy of this library. */
export function isPresetExporter(exporter: Exporter): exporter is PresetExporter {
  return "parts" in exporter;
}

/** @internal The settings in force now. Bad variables go to `report`. */
export function exporterSettings<Name extends string>(
  { definition, options }: ExporterParts<Name>,
  env: Env,
  report: Diagnostics,
  spoken?: Protocol,
): ExportSettings {
  const values = readCredentials(definition, options, env);
  const url = definition.url?.(values);
  const headers = definition.headers?.(values) ?? {};
  const { endpoint, timeoutMs, compression } = options;
  // A key that stands in code next to an endpoint is meant for it; one from the environment is meant for the vendor.
  const own = isKeyInCode(definition, options) ? headers : {};
  const code = { endpoint, timeoutMs, compression, headers: mergeHeaders(own, options.headers ?? {}) };
  return resolveSettings(env, { url, headers, trustedUrls: definition.trustedUrls ?? [] }, code, report, spoken);
}

function isKeyInCode<Name extends string>(
  definition: PresetDefinition<Name>,
  options: CredentialValues<Name>,
): boolean {
  const required = credentialNames(definition).filter((name) => definition.credentials[name].required);
  return required.length > 0 && required.every((name) => options[name] !== undefined);
}
