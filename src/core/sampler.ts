/**
 * Which calls are recorded. Ratios decide on the low 56 bits of the trace id, as the OpenTelemetry specification's
 * ProbabilitySampler does, so that every service, in any language, that uses the same ratio keeps the same traces.
 */

/**
 * Whether a trace is kept at a share from 0 to 1: of all traces that share is.
 *
 * The digits of a trace id's random part, 14 of hex, are compared with those of (1 − ratio) · 2^56 as text. That number
 * has more bits than a double's 53, but a double that large is a whole number, so its digits are exact.
 */
export function keepsTrace(traceId: string, ratio: number): boolean {
  if (ratio >= 1) return true;
  const threshold = Math.round((1 - ratio) * 2 ** 56).toString(16).padStart(14, "0"); // prettier-ignore
  return ratio > 0 && threshold.length === 14 && traceId.slice(18) >= threshold;
}

/** Shares by function path: `"presence:*"` a module, `"admin/*"` a folder, `"*"` all the rest. */
export type SamplingRules = Readonly<Record<string, number>>;

/** The share that applies to a function: of an exact path, else of the longest pattern that covers it, else 1. */
export function ratioFor(rules: SamplingRules, name: string | undefined): number {
  if (name !== undefined && Object.hasOwn(rules, name)) return rules[name] ?? 1;
  let best = "";
  for (const pattern of Object.keys(rules)) {
    if (covers(pattern, name) && pattern.length > best.length) best = pattern;
  }
  return rules[best] ?? 1;
}

/** Whether a pattern covers a function path. A module's default export has the module's own path. */
export function covers(pattern: string, name: string | undefined): boolean {
  if (pattern === "*") return true;
  if (name === undefined) return false;
  if (!pattern.endsWith("*")) return pattern === name;
  const prefix = pattern.slice(0, -1);
  return name.startsWith(prefix) || (prefix.endsWith(":") && name === prefix.slice(0, -1));
}
