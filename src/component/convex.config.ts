/**
 * The component as `app.use` takes it: its name, and the variables that an app binds to it. They are the standard ones, so that
 * endpoint and keys stay in the environment: no document and no argument ever holds them.
 */
import { defineComponent } from "convex/server";
import { v } from "convex/values";

const text = v.optional(v.string());

export default defineComponent("otel", {
  env: {
    /** Where to send to, as for every OpenTelemetry SDK. One of the two is needed. */
    OTEL_EXPORTER_OTLP_ENDPOINT: text,
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: text,
    /** `name=value,…`: the keys of a vendor. */
    OTEL_EXPORTER_OTLP_HEADERS: text,
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: text,
    /** Milliseconds for one request. */
    OTEL_EXPORTER_OTLP_TIMEOUT: text,
    /** How long spans are collected before they leave, in milliseconds. */
    OTEL_BSP_SCHEDULE_DELAY: text,
    /** What cannot be delivered in so many hours is dropped. */
    CONVEX_OTEL_OUTBOX_MAX_AGE_HOURS: text,
    /** When more megabytes wait than this, the oldest are dropped. */
    CONVEX_OTEL_OUTBOX_MAX_MEGABYTES: text,
  },
});
