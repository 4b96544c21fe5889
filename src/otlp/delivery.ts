/**
 * What happens when an exporter sends: keys and variables are read, settings are merged, texts go out. The exporter
 * loads this file, and with it the transport, with `import()` at that moment, so that a Convex function that only
 * records does not evaluate any of it.
 */
import type { Diagnostics, ExportResult, SendOptions } from "../core/ports.js";
import { DEFAULT_MAX_REQUEST_BYTES } from "./batchLimits.js";
import { reportCertificates } from "./environment.js";
import { exporterSettings, type ExporterParts } from "./exporterSettings.js";
import { sendTexts } from "./send.js";
import { countSpans } from "./split.js";

/** @internal Sends texts with the settings in force now. Bad variables go to `report`. */
export async function deliver<Name extends string>(
  parts: ExporterParts<Name>,
  texts: readonly string[],
  send: SendOptions,
  report: Diagnostics,
): Promise<ExportResult> {
  const { definition, options, fetch, now = () => Date.now() } = parts;
  reportCertificates(send.env, report);
  const settings = exporterSettings(parts, send.env, report);
  if (settings.url === undefined) return nowhere(definition.name, texts);
  return sendTexts(texts, {
    settings: { ...settings, url: settings.url },
    maxRequestBytes: options.maxRequestBytes ?? definition.maxRequestBytes ?? DEFAULT_MAX_REQUEST_BYTES,
    timeoutMs: Math.min(settings.timeoutMs, send.timeoutMs ?? Infinity),
    now,
    fetch,
  });
}

function nowhere(name: string, texts: readonly string[]): ExportResult {
  const rejectedSpans = texts.reduce((sum, text) => sum + countSpans(text), 0);
  const message = `${name} has no usable endpoint; set OTEL_EXPORTER_OTLP_ENDPOINT or the endpoint option`;
  return { outcome: "rejected", rejectedSpans, message };
}
