/**
 * Sentry, which takes OTLP as JSON and as protobuf (open beta; span events are dropped there).
 * Source: https://docs.sentry.io/concepts/otlp/direct/traces/
 */
import type { Exporter } from "../../core/ports.js";
import { createExporter } from "../exporter.js";
import type { ExporterOptions } from "../exporterOptions.js";
import type { PresetDefinition } from "../presetDefinition.js";

/** Options of {@link sentry}. */
export interface SentryOptions extends ExporterOptions {
  /** The project's DSN: address and public key are taken from it. @defaultValue `SENTRY_DSN` */
  readonly dsn?: string;
}

/**
 * Sends to Sentry. Configured when there is a DSN.
 *
 * @throws TypeError for options that cannot work
 *
 * @example
 * ```ts
 * import { sentry } from "convex-otel/otlp";
 *
 * export const exporter = sentry();
 * ```
 */
export function sentry(options: SentryOptions = {}): Exporter {
  if (typeof options.dsn === "string" && parseDsn(options.dsn) === undefined) {
    throw new TypeError('sentry(): dsn must be a Sentry DSN, such as "https://<public key>@<host>/<project>"');
  }
  return createExporter(sentryPreset(), options);
}

/** @internal Its keys, and where they go. */
export function sentryPreset(): PresetDefinition<"dsn"> {
  return {
    name: "sentry",
    credentials: { dsn: { env: "SENTRY_DSN", required: true } },
    url: ({ dsn }) => parseDsn(dsn)?.url,
    headers: ({ dsn }) => ({ "x-sentry-auth": parseDsn(dsn)?.auth }),
  };
}

/** A DSN is `https://<public key>@<host>/<optional path/><project id>`. */
function parseDsn(dsn: string | undefined): { readonly url: string; readonly auth: string } | undefined {
  const match = /^(https?):\/\/([0-9a-zA-Z]+)(?::[^@/]*)?@([^@/?#]+)((?:\/[^/?#]+)*)\/(\d+)$/.exec(dsn ?? "");
  if (match === null) return undefined;
  const [, scheme, key, host, path, project] = match;
  const url = `${scheme}://${host}${path}/api/${project}/integration/otlp/v1/traces`;
  return { url, auth: `sentry sentry_key=${key}` };
}
