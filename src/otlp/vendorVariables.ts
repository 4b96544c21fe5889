/**
 * The variables that a vendor's preset reads, for code that is given variables and no exporter: which keys are there says where to
 * send. Data only, apart from the presets: it is looked at in every call that has something to send.
 */

/** Those without which there is nowhere to send to, and those that may be there. */
export interface VendorVariables {
  readonly required: readonly string[];
  readonly optional: readonly string[];
}

export const VENDOR_VARIABLES = {
  axiom: { required: ["AXIOM_TOKEN", "AXIOM_DATASET"], optional: [] },
  betterstack: { required: ["BETTER_STACK_SOURCE_TOKEN", "BETTER_STACK_INGESTING_URL"], optional: [] },
  dash0: { required: ["DASH0_AUTH_TOKEN"], optional: ["DASH0_DATASET"] },
  datadog: { required: ["DD_API_KEY"], optional: [] },
  grafana: {
    required: ["GRAFANA_CLOUD_INSTANCE_ID", "GRAFANA_CLOUD_API_KEY", "GRAFANA_CLOUD_ZONE"],
    optional: [],
  },
  honeycomb: { required: ["HONEYCOMB_API_KEY"], optional: ["HONEYCOMB_DATASET"] },
  langfuse: { required: ["LANGFUSE_PUBLIC_KEY", "LANGFUSE_SECRET_KEY"], optional: [] },
  logfire: { required: ["LOGFIRE_TOKEN"], optional: [] },
  newrelic: { required: ["NEW_RELIC_LICENSE_KEY"], optional: [] },
  sentry: { required: ["SENTRY_DSN"], optional: [] },
} as const satisfies Readonly<Record<string, VendorVariables>>;

export type VendorName = keyof typeof VENDOR_VARIABLES;

export const VENDOR_NAMES = Object.keys(VENDOR_VARIABLES) as readonly VendorName[];
