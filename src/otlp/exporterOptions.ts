/**
 * The options that every preset takes, and their check. Wrong options throw where the app is set up, which is at deploy
 * time in Convex, and never while a function runs.
 */
import { LARGEST_MAX_REQUEST_BYTES } from "./batchLimits.js";
import { ENDPOINT_RULE, fromCode } from "./endpoint.js";
import type { Compression } from "./environment.js";
import { isHeaderName, isHeaderValue } from "./headerSyntax.js";
import { credentialNames, type PresetDefinition } from "./presetDefinition.js";

/** Options of every preset. What is given here wins over `OTEL_*` variables. */
export interface ExporterOptions {
  /**
   * Where to send to: the address for traces, such as `https://collector.example.com/v1/traces`, or a bare origin, to
   * which `/v1/traces` is added.
   *
   * @defaultValue `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`, then `OTEL_EXPORTER_OTLP_ENDPOINT`, then the preset's address
   */
  readonly endpoint?: string;
  /** More request headers. They win over those of preset and environment, name by name. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Time for a whole delivery in milliseconds; 0 for no limit. @defaultValue `OTEL_EXPORTER_OTLP_TIMEOUT`, 10,000 */
  readonly timeoutMs?: number;
  /** Has no effect where the runtime cannot compress. @defaultValue `OTEL_EXPORTER_OTLP_COMPRESSION`, `"none"` */
  readonly compression?: Compression;
  /** Largest request in bytes before compression, 1,000 to 67,108,864. @defaultValue 900,000 */
  readonly maxRequestBytes?: number;
}

/** A request has room for at least one small span. */
const SMALLEST_MAX_REQUEST_BYTES = 1_000;

type Check = (value: unknown) => string | undefined;

/**
 * @internal
 * Checks what a preset was called with.
 *
 * @throws TypeError naming the option and what is allowed. Never repeats the value of a key or a header.
 */
export function checkOptions<Name extends string>(definition: PresetDefinition<Name>, options: object): void {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(`${definition.name}() takes an object of options, not ${describe(options)}`);
  }
  const common: Record<string, Check> = { endpoint, headers, timeoutMs, compression, maxRequestBytes };
  const credentials: readonly string[] = credentialNames(definition);
  const allowed = [...credentials, ...(definition.extraOptions ?? []), ...Object.keys(common)];
  for (const [name, value] of Object.entries(options)) {
    if (!allowed.includes(name)) {
      throw new TypeError(
        `${definition.name}(): unknown option ${JSON.stringify(name)}; use one of ${allowed.join(", ")}`,
      );
    }
    const check = credentials.includes(name) ? credential : common[name];
    const problem = value === undefined ? undefined : check?.(value);
    if (problem !== undefined) throw new TypeError(`${definition.name}(): ${name} ${problem}`);
  }
}

/** @internal Says what an option that names the entry of a table may be. */
export function unknownEntry(where: string, option: string, table: object, given: unknown): TypeError {
  const allowed = Object.keys(table).map((key) => JSON.stringify(key));
  return new TypeError(`${where}(): ${option} must be one of ${allowed.join(", ")}, not ${describe(given)}`);
}

function credential(value: unknown): string | undefined {
  if (typeof value !== "string" || value.trim() === "") {
    return `must be a non-empty string, not ${typeOf(value)}; leave it out to read it from the environment`;
  }
  return isHeaderValue(value) ? undefined : "must not contain line breaks or other control characters";
}

function endpoint(value: unknown): string | undefined {
  const valid = typeof value === "string" && fromCode(value) !== undefined;
  return valid ? undefined : `must be ${ENDPOINT_RULE}, such as "https://collector.example.com/v1/traces"`;
}

function headers(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return `must be an object of strings by header name, not ${typeOf(value)}`;
  }
  for (const [name, text] of Object.entries(value)) {
    if (!isHeaderName(name)) return `has the name ${JSON.stringify(name)}, which is no HTTP header name`;
    if (typeof text !== "string") return `must have a string for ${name}, not ${typeOf(text)}`;
    if (!isHeaderValue(text)) return `must not have line breaks or other control characters in ${name}`;
  }
  return undefined;
}

function timeoutMs(value: unknown): string | undefined {
  const valid = typeof value === "number" && value >= 0 && value < Infinity;
  return valid ? undefined : `must be a number of milliseconds, 0 for no limit, not ${describe(value)}`;
}

function compression(value: unknown): string | undefined {
  return value === "gzip" || value === "none" ? undefined : `must be "gzip" or "none", not ${describe(value)}`;
}

function maxRequestBytes(value: unknown): string | undefined {
  const least = SMALLEST_MAX_REQUEST_BYTES;
  const valid = typeof value === "number" && value >= least && value <= LARGEST_MAX_REQUEST_BYTES;
  return valid ? undefined : `must be a number from ${least} to ${LARGEST_MAX_REQUEST_BYTES}, not ${describe(value)}`;
}

/** A value that is no secret, for messages. */
function describe(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : typeof value === "number" ? `${value}` : typeOf(value);
}

function typeOf(value: unknown): string {
  return value === null ? "null" : value === "" ? "an empty string" : Array.isArray(value) ? "an array" : typeof value;
}
