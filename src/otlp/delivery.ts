/**
 * What happens when an exporter sends: keys and variables are read, settings are merged, texts go out. The exporter
 * loads this file, and with it the transport, with `import()` at that moment, so that a Convex function that only
 * records does not evaluate any of it.
 */
import type { Diagnostics, ExportResult, SendOptions } from "../core/ports.js";
import { DEFAULT_MAX_REQUEST_BYTES } from "./batchLimits.js";
import { resolveSettings, type ExportSettings } from "./environment.js";
import type { ExporterOptions } from "./exporterOptions.js";
import { mergeHeaders } from "./headers.js";
import { credentialNames, readCredentials, type CredentialValues, type PresetDefinition } from "./presetDefinition.js";
import { sendTexts } from "./send.js";
import { countSpans } from "./split.js";
import type { Fetch } from "./transport.js";

/** What an exporter was made from. */
export interface ExporterParts<Name extends string> {
  readonly definition: PresetDefinition<Name>;
  readonly options: ExporterOptions & CredentialValues<Name>;
  /** For tests; the global `fetch` otherwise. */
  readonly fetch?: Fetch | undefined;
  /** For tests; the system clock otherwise. */
  readonly now?: (() => number) | undefined;
}

/** @internal Sends texts with the settings in force now. Bad variables go to `report`. */
export async function deliver<Name extends string>(
  parts: ExporterParts<Name>,
  texts: readonly string[],
  send: SendOptions,
  report: Diagnostics,
): Promise<ExportResult> {
  const { definition, options, fetch, now = () => Date.now() } = parts;
  const settings = currentSettings(parts, send, report);
  if (settings.url === undefined) return nowhere(definition.name, texts);
  return sendTexts(texts, {
    settings: { ...settings, url: settings.url },
    maxRequestBytes: options.maxRequestBytes ?? definition.maxRequestBytes ?? DEFAULT_MAX_REQUEST_BYTES,
    timeoutMs: Math.min(settings.timeoutMs, send.timeoutMs ?? Infinity),
    now,
    fetch,
  });
}

function currentSettings<Name extends string>(
  { definition, options }: ExporterParts<Name>,
  { env }: SendOptions,
  report: Diagnostics,
): ExportSettings {
  const values = readCredentials(definition, options, env);
  const url = definition.url?.(values);
  const headers = definition.headers?.(values) ?? {};
  const { endpoint, timeoutMs, compression } = options;
  // A key that stands in code next to an endpoint is meant for it; one from the environment is meant for the vendor.
  const own = isKeyInCode(definition, options) ? headers : {};
  const code = { endpoint, timeoutMs, compression, headers: mergeHeaders(own, options.headers ?? {}) };
  return resolveSettings(env, { url, headers, trustedUrls: definition.trustedUrls ?? [] }, code, report);
}

function isKeyInCode<Name extends string>(
  definition: PresetDefinition<Name>,
  options: CredentialValues<Name>,
): boolean {
  const required = credentialNames(definition).filter((name) => definition.credentials[name].required);
  return required.length > 0 && required.every((name) => options[name] !== undefined);
}

function nowhere(name: string, texts: readonly string[]): ExportResult {
  const rejectedSpans = texts.reduce((sum, text) => sum + countSpans(text), 0);
  const message = `${name} has no usable endpoint; set OTEL_EXPORTER_OTLP_ENDPOINT or the endpoint option`;
  return { outcome: "rejected", rejectedSpans, message };
}
