/**
 * The settings of an export, from code, `OTEL_*` variables and a preset, in this order of precedence: code, the
 * variable for traces, the general variable, the preset. Headers merge by the same order, name by name.
 *
 * Variables: https://opentelemetry.io/docs/specs/otel/protocol/exporter/. Each name is spelled out where it is read,
 * because Convex cannot list variables; and they are read when something is sent, so that changing one needs no deploy.
 */
import type { Diagnostics, Env } from "../core/ports.js";
import { asGiven, belowBase, ENDPOINT_RULE, fromCode, originOf } from "./endpoint.js";
import { firstValid, readEnv } from "./envReader.js";
import { headersFromEnv, mergeHeaders, type HeaderMap } from "./headers.js";

export { resourceFromEnv } from "./resourceFromEnv.js";

/** Default of `OTEL_EXPORTER_OTLP_TIMEOUT`, for a whole delivery. */
export const DEFAULT_TIMEOUT_MS = 10_000;

/** How the body is packed. */
export type Compression = "gzip" | "none";

/** How requests are encoded, as `OTEL_EXPORTER_OTLP_PROTOCOL` names it: JSON in Convex, protobuf on servers. */
export type Protocol = "http/json" | "http/protobuf";

/** What a preset brings along. */
export interface PresetDefaults {
  /** Address for traces; undefined if only the user can know it. */
  readonly url?: string | undefined;
  /** Further addresses of the same vendor, which may get the preset's headers too. */
  readonly trustedUrls?: readonly string[];
  /** Headers with keys that were read from the environment. Sent to the vendor only. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

/** What was said in code. */
export interface CodeSettings {
  readonly endpoint?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly timeoutMs?: number | undefined;
  readonly compression?: Compression | undefined;
}

/** Settings in force for one delivery. */
export interface ExportSettings {
  /** Undefined if there is nowhere to send to. */
  readonly url: string | undefined;
  readonly headers: HeaderMap;
  /** Milliseconds for the whole delivery; `Infinity` for no limit. */
  readonly timeoutMs: number;
  readonly compression: Compression;
}

/** Merges the three sources. Bad variables are reported and ignored; never throws. */
export function resolveSettings(
  env: Env,
  preset: PresetDefaults,
  code: CodeSettings,
  report: Diagnostics,
  spoken: Protocol = "http/json",
): ExportSettings {
  reportProtocol(env, spoken, report);
  const fromEnv = code.endpoint === undefined ? endpointFromEnv(env, report) : undefined;
  const url = code.endpoint === undefined ? (fromEnv ?? preset.url) : fromCode(code.endpoint);
  return {
    url,
    headers: mergeHeaders(
      // A key of the vendor must not end up at a host that a variable named.
      fromEnv === undefined || isTrusted(fromEnv, preset) ? (preset.headers ?? {}) : {},
      headersFromEnv(env, "OTEL_EXPORTER_OTLP_HEADERS", report),
      headersFromEnv(env, "OTEL_EXPORTER_OTLP_TRACES_HEADERS", report),
      code.headers ?? {},
    ),
    timeoutMs: code.timeoutMs === undefined ? timeoutFromEnv(env, report) : orInfinity(code.timeoutMs),
    compression: usableCompression(code.compression ?? compressionFromEnv(env, report), report),
  };
}

function endpointFromEnv(env: Env, report: Diagnostics): string | undefined {
  const traces = firstValid(env, ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"], ENDPOINT_RULE, asGiven, report);
  return (traces ?? firstValid(env, ["OTEL_EXPORTER_OTLP_ENDPOINT"], ENDPOINT_RULE, belowBase, report))?.value;
}

/** @internal Whether an address is one of the vendor, which may get its key. */
export function isTrusted(url: string, preset: PresetDefaults): boolean {
  const origin = originOf(url);
  const own = [preset.url, ...(preset.trustedUrls ?? [])];
  return own.some((candidate) => candidate !== undefined && originOf(candidate) === origin);
}

/** Zero means no limit, in the specification as in the option. */
function orInfinity(ms: number): number {
  return ms === 0 ? Infinity : ms;
}

function timeoutFromEnv(env: Env, report: Diagnostics): number {
  const names = ["OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "OTEL_EXPORTER_OTLP_TIMEOUT"];
  const parse = (text: string) => (/^\d{1,9}$/.test(text) ? Number(text) : undefined);
  return orInfinity(firstValid(env, names, "whole milliseconds", parse, report)?.value ?? DEFAULT_TIMEOUT_MS);
}

function compressionFromEnv(env: Env, report: Diagnostics): Compression {
  const names = ["OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "OTEL_EXPORTER_OTLP_COMPRESSION"];
  const parse = (text: string) => (["gzip", "none"] as const).find((known) => known === text.toLowerCase());
  return firstValid(env, names, '"gzip" or "none"', parse, report)?.value ?? "none";
}

/** Convex's default runtime has no `CompressionStream`; a request that is not packed is as good. */
function usableCompression(wanted: Compression, report: Diagnostics): Compression {
  if (wanted === "none" || typeof globalThis.CompressionStream === "function") return wanted;
  const message = "gzip is not available in this runtime, so requests are sent uncompressed; no action is needed.";
  report({ level: "warn", code: "export.compression_unavailable", message });
  return "none";
}

/** Settings of other SDKs that have no effect here are named, since a silent difference costs an afternoon. */
function reportProtocol(env: Env, spoken: Protocol, report: Diagnostics): void {
  const names = ["OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL"];
  const protocol = firstValid(env, names, `"${spoken}"`, knownProtocol, report);
  if (protocol !== undefined && protocol.value !== spoken) {
    const message = `${protocol.name} is ${protocol.value}, but only ${spoken} is spoken here and is used; remove it or set ${spoken}.`;
    report({ level: "warn", code: "env.unsupported", message });
  }
}

/** The same for certificates, where requests are sent with `fetch`. */
export function reportCertificates(env: Env, report: Diagnostics): void {
  for (const name of CERTIFICATE_VARIABLES) {
    if (readEnv(env, name) === undefined) continue;
    const message = `${name} has no effect: fetch takes no certificates. Put a collector in between if you need it.`;
    report({ level: "warn", code: "env.unsupported", message });
  }
}

function knownProtocol(text: string): Protocol | "grpc" | undefined {
  return (["http/json", "http/protobuf", "grpc"] as const).find((known) => known === text.toLowerCase());
}

const CERTIFICATE_VARIABLES = [
  "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE",
  "OTEL_EXPORTER_OTLP_CERTIFICATE",
  "OTEL_EXPORTER_OTLP_TRACES_CLIENT_KEY",
  "OTEL_EXPORTER_OTLP_CLIENT_KEY",
  "OTEL_EXPORTER_OTLP_TRACES_CLIENT_CERTIFICATE",
  "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
] as const;
