/**
 * Headers from three places, merged: what a preset sets, what the environment adds, what the code says. Names compare
 * without case, so that `Authorization` in code replaces `authorization` from the environment instead of joining it.
 */
import type { Diagnostics, Env } from "../core/ports.js";
import { readEnv, reportInvalid } from "./envReader.js";
import { isHeaderName, isHeaderValue } from "./headerSyntax.js";
import { parseKeyValueList } from "./keyValueList.js";

/** @internal Headers by lower-case name. */
export type HeaderMap = Readonly<Record<string, string>>;

/** @internal Later maps win, name by name. An undefined value sets nothing and replaces nothing. */
export function mergeHeaders(...maps: readonly Readonly<Record<string, string | undefined>>[]): HeaderMap {
  const merged: [string, string][] = [];
  for (const [name, value] of maps.flatMap((map) => Object.entries(map))) {
    if (value !== undefined) merged.push([name.toLowerCase(), value]);
  }
  return Object.fromEntries(merged);
}

/** @internal The headers of one variable. Members that are no valid header are reported and left out. */
export function headersFromEnv(env: Env, variable: string, report: Diagnostics): HeaderMap {
  const pairs = parseKeyValueList(readEnv(env, variable) ?? "");
  const valid = pairs
    .filter((pair) => pair !== undefined)
    .filter(([name, value]) => isHeaderName(name) && isHeaderValue(value));
  if (valid.length < pairs.length) {
    reportInvalid(
      report,
      `${pairs.length - valid.length} of ${pairs.length} headers in ${variable}`,
      "name=value, percent-encoded",
    );
  }
  return mergeHeaders(Object.fromEntries(valid));
}
