/**
 * Which calls are recorded. Ratios decide on the low 56 bits of the trace id, as the OpenTelemetry specification's
 * ProbabilitySampler does, so that every service, in any language, that uses the same ratio keeps the same traces.
 */

/** `drop`: nothing is recorded. `record`: kept until the call ends, then dropped unless upgraded. */
export type SamplingDecision = "drop" | "record" | "record_and_sample";

/** What a sampler may look at. */
export interface SamplingInput {
  readonly traceId: string;
  /** The function's path, for example `messages:send`; undefined where the platform does not tell. */
  readonly name: string | undefined;
  /** Whether the caller sampled, where there is a caller that is trusted. */
  readonly parentSampled: boolean | undefined;
}

/** Decides at the start of a call. */
export type Sampler = (input: SamplingInput) => SamplingDecision;

/** Keeps everything. */
export const alwaysOn: Sampler = () => "record_and_sample";

/** Keeps nothing. */
export const alwaysOff: Sampler = () => "drop";

/** Keeps the given share of traces, 0 to 1. */
export function ratioSampler(ratio: number): Sampler {
  if (ratio >= 1) return alwaysOn;
  if (!(ratio > 0)) return alwaysOff;
  const threshold = rejectionThreshold(ratio);
  return ({ traceId }) => (traceId.slice(18) >= threshold ? "record_and_sample" : "drop");
}

/**
 * The 14 hex digits below which the random part of a trace id is rejected: (1 − ratio) · 2^56. The number has more bits
 * than a double's 53, but a double that large is a whole number, so its hex digits are exact; they compare as text.
 */
function rejectionThreshold(ratio: number): string {
  const digits = Math.round((1 - ratio) * 2 ** 56).toString(16);
  return digits.length > 14 ? "ffffffffffffff" : digits.padStart(14, "0");
}

/** Follows the caller where there is one, else asks `root`. */
export function parentBased(root: Sampler): Sampler {
  return (input) => {
    if (input.parentSampled === undefined) return root(input);
    return input.parentSampled ? "record_and_sample" : "drop";
  };
}

/** Shares by function path: `"presence:*"` a module, `"admin/*"` a folder, `"*"` all the rest. */
export type SamplingRules = Readonly<Record<string, number>>;

/** The share that applies to a function: of an exact path, else of the longest pattern that covers it, else 1. */
export function ratioFor(rules: SamplingRules, name: string | undefined): number {
  let best: string | undefined;
  for (const pattern of Object.keys(rules)) {
    if (!covers(pattern, name)) continue;
    if (best === undefined || specificity(pattern) > specificity(best)) best = pattern;
  }
  return best === undefined ? 1 : (rules[best] ?? 1);
}

/** Whether a pattern covers a function path. A module's default export has the module's own path. */
export function covers(pattern: string, name: string | undefined): boolean {
  if (pattern === "*") return true;
  if (name === undefined) return false;
  if (!pattern.endsWith("*")) return pattern === name;
  const prefix = pattern.slice(0, -1);
  return name.startsWith(prefix) || (prefix.endsWith(":") && name === prefix.slice(0, -1));
}

function specificity(pattern: string): number {
  return pattern.endsWith("*") ? pattern.length - 1 : Number.MAX_SAFE_INTEGER;
}
