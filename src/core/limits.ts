/** How much one span, and one call, may record. Without bounds a loop could make telemetry the largest cost of a call. */
import type { Diagnostics, Env } from "./ports.js";

/** Limits of recording. What exceeds them is dropped and counted, never an error. */
export interface SpanLimits {
  /** Attributes per span. @defaultValue 128 */
  readonly attributeCount: number;
  /** Characters per string attribute, and per string in an array. @defaultValue no limit */
  readonly attributeValueLength: number;
  /** Events per span; the oldest go first. @defaultValue 128 */
  readonly eventCount: number;
  /** Links per span; the oldest go first. @defaultValue 128 */
  readonly linkCount: number;
  /** Attributes per event. @defaultValue 128 */
  readonly attributePerEventCount: number;
  /** Attributes per link. @defaultValue 128 */
  readonly attributePerLinkCount: number;
  /** Spans per Convex call; what is dropped is counted on the entry span. @defaultValue 512 */
  readonly spanCount: number;
}

/**
 * Defaults of the OpenTelemetry specification (`configuration/sdk-environment-variables.md`). The span count is ours:
 * 512 is the batch size that every backend accepts.
 */
export const DEFAULT_LIMITS: SpanLimits = {
  attributeCount: 128,
  attributeValueLength: Infinity,
  eventCount: 128,
  linkCount: 128,
  attributePerEventCount: 128,
  attributePerLinkCount: 128,
  spanCount: 512,
};

/** The variables of each limit, in order of precedence. */
const VARIABLES: { readonly [Name in keyof SpanLimits]: readonly string[] } = {
  attributeCount: ["OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "OTEL_ATTRIBUTE_COUNT_LIMIT"],
  attributeValueLength: ["OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT", "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT"],
  eventCount: ["OTEL_SPAN_EVENT_COUNT_LIMIT"],
  linkCount: ["OTEL_SPAN_LINK_COUNT_LIMIT"],
  // OpenTelemetry JS reads the second name of each pair; the specification has the first.
  attributePerEventCount: ["OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT", "OTEL_SPAN_ATTRIBUTE_PER_EVENT_COUNT_LIMIT"],
  attributePerLinkCount: ["OTEL_LINK_ATTRIBUTE_COUNT_LIMIT", "OTEL_SPAN_ATTRIBUTE_PER_LINK_COUNT_LIMIT"],
  spanCount: [],
};

/**
 * Limits in force: code wins, then the span-specific variable, then the general one, then the default.
 * A variable that is not a whole number is reported and ignored.
 */
export function resolveLimits(code: Partial<SpanLimits>, env: Env, report: Diagnostics): SpanLimits {
  const limits: { -readonly [Name in keyof SpanLimits]: number } = { ...DEFAULT_LIMITS };
  for (const name of Object.keys(VARIABLES) as (keyof SpanLimits)[]) {
    limits[name] = code[name] ?? readCount(VARIABLES[name], env, report) ?? limits[name];
  }
  return limits;
}

function readCount(names: readonly string[], env: Env, report: Diagnostics): number | undefined {
  for (const name of names) {
    const text = env(name)?.trim();
    if (text === undefined || text === "") continue;
    if (/^\d{1,9}$/.test(text)) return Number(text);
    report({
      level: "warn",
      code: "env.invalid",
      message: `${name} is not a whole number and is ignored; set it to a count such as 128, or remove it.`,
    });
  }
  return undefined;
}
