/**
 * The resource as the environment describes it
 * (https://opentelemetry.io/docs/specs/otel/resource/sdk/#specifying-resource-information-via-an-environment-variable).
 * Apart from the export settings, because it is needed where spans are encoded, not where they are sent.
 */
import type { Diagnostics, Env } from "../core/ports.js";
import type { Attributes } from "../core/types.js";
import { readEnv, reportInvalid } from "./envReader.js";
import { parseKeyValueList } from "./keyValueList.js";

/**
 * Resource attributes from `OTEL_RESOURCE_ATTRIBUTES`, with `service.name` from `OTEL_SERVICE_NAME` if that is set.
 *
 * One member that cannot be read discards the whole of `OTEL_RESOURCE_ATTRIBUTES`, as the specification asks: half a
 * resource would file spans under the wrong service.
 *
 * @param report - told about a value that is ignored
 * @returns attributes; empty if nothing is set. Never throws.
 *
 * @example
 * ```ts
 * import { resourceFromEnv } from "convex-otel/otlp";
 *
 * export const attributes = resourceFromEnv((name) => process.env[name]);
 * ```
 */
export function resourceFromEnv(env: Env, report: Diagnostics = () => {}): Attributes {
  const list = readEnv(env, "OTEL_RESOURCE_ATTRIBUTES");
  const attributes: Attributes = list === undefined ? {} : attributesOf(list, report);
  const serviceName = readEnv(env, "OTEL_SERVICE_NAME");
  if (serviceName !== undefined) attributes["service.name"] = serviceName;
  return attributes;
}

function attributesOf(list: string, report: Diagnostics): Attributes {
  const pairs = parseKeyValueList(list);
  const valid = pairs.filter((pair) => pair !== undefined);
  if (valid.length === pairs.length) return Object.fromEntries(valid);
  reportInvalid(report, "OTEL_RESOURCE_ATTRIBUTES", "key=value pairs, percent-encoded");
  return {};
}
