/** What is compared: one and the same API, plain, traced by us, and traced by what people use otherwise. */

/** The servers of one run, each a process of its own. */
export type Variant = "plain" | "plain again" | "convex-otel" | "auto-instrumentations-node";

/** How the API is started as a variant. */
export interface VariantSetup {
  /** Flags of Node.js. */
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly sendsSpans: boolean;
}

/**
 * Both traced ones have the defaults of their batches, and send traces only. Node.js needs the loader to patch what ES modules
 * import; without it neither HTTP nor Postgres would be traced.
 */
export const VARIANTS: Readonly<Record<Variant, VariantSetup>> = {
  plain: { flags: [], env: { PULSE_TRACING: "off" }, sendsSpans: false },
  // The same again: how far its figures are from those of `plain` is the noise of the run.
  "plain again": { flags: [], env: { PULSE_TRACING: "off" }, sendsSpans: false },
  "convex-otel": { flags: [], env: {}, sendsSpans: true },
  "auto-instrumentations-node": {
    flags: [
      "--no-warnings",
      "--experimental-loader=@opentelemetry/instrumentation/hook.mjs",
      "--require=@opentelemetry/auto-instrumentations-node/register",
    ],
    env: {
      PULSE_TRACING: "off",
      OTEL_SERVICE_NAME: "pulse-api",
      OTEL_METRICS_EXPORTER: "none",
      OTEL_LOGS_EXPORTER: "none",
      // Those of clouds would ask addresses that are not there.
      OTEL_NODE_RESOURCE_DETECTORS: "env,host,os,process",
    },
    sendsSpans: true,
  },
};

export const VARIANT_NAMES = Object.keys(VARIANTS) as readonly Variant[];
