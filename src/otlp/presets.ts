/**
 * Ready-made exporters. Only vendors that are known to take OTLP/JSON over HTTP are here; each file names its source.
 * Every other backend is reached with `otlp()`, or through a collector.
 */
export { axiom, type AxiomOptions } from "./presets/axiom.js";
export { betterstack, type BetterStackOptions } from "./presets/betterstack.js";
export { dash0, type Dash0Options } from "./presets/dash0.js";
export { datadog, type DatadogOptions } from "./presets/datadog.js";
export { grafana, type GrafanaOptions } from "./presets/grafana.js";
export { honeycomb, type HoneycombOptions } from "./presets/honeycomb.js";
export { langfuse, type LangfuseOptions } from "./presets/langfuse.js";
export { logfire, type LogfireOptions } from "./presets/logfire.js";
export { newrelic, type NewRelicOptions } from "./presets/newrelic.js";
export { collector, jaeger, otlp } from "./presets/otlp.js";
export { sentry, type SentryOptions } from "./presets/sentry.js";
