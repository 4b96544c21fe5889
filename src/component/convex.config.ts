/**
 * The component as `app.use` takes it: its name, and the variables that an app binds to it. They are the standard ones and those
 * of the vendors' presets, so that endpoint and keys stay in the environment: no document and no argument ever holds them.
 */
import { defineComponent } from "convex/server";
import { v } from "convex/values";

const text = v.optional(v.string());

export default defineComponent("otel", {
  env: {
    /** Where to send to, as for every OpenTelemetry SDK. One of the two is needed, or the keys of a vendor. */
    OTEL_EXPORTER_OTLP_ENDPOINT: text,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: text,
    /** `name=value,…` */
    OTEL_EXPORTER_OTLP_HEADERS: text,
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: text,
    /** Milliseconds for one request. */
    OTEL_EXPORTER_OTLP_TIMEOUT: text,
    OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: text,
    /** How long spans are collected before they leave, in milliseconds. */
    OTEL_BSP_SCHEDULE_DELAY: text,
    /** Who the component says it is, where it says what it has dropped. */
    OTEL_SERVICE_NAME: text,
    OTEL_RESOURCE_ATTRIBUTES: text,
    /** What cannot be delivered in so many hours is dropped. */
    CONVEX_OTEL_OUTBOX_MAX_AGE_HOURS: text,
    /** When more megabytes wait than this, the oldest are dropped. */
    CONVEX_OTEL_OUTBOX_MAX_MEGABYTES: text,
    // Vendors: the variables of their presets. The keys of one say where to send.
    AXIOM_TOKEN: text,
    AXIOM_DATASET: text,
    BETTER_STACK_SOURCE_TOKEN: text,
    BETTER_STACK_INGESTING_URL: text,
    DASH0_AUTH_TOKEN: text,
    DASH0_DATASET: text,
    DD_API_KEY: text,
    GRAFANA_CLOUD_INSTANCE_ID: text,
    GRAFANA_CLOUD_API_KEY: text,
    GRAFANA_CLOUD_ZONE: text,
    HONEYCOMB_API_KEY: text,
    HONEYCOMB_DATASET: text,
    LANGFUSE_PUBLIC_KEY: text,
    LANGFUSE_SECRET_KEY: text,
    LOGFIRE_TOKEN: text,
    NEW_RELIC_LICENSE_KEY: text,
    SENTRY_DSN: text,
  },
});
