/** Installs the outbox of convex-otel: a component, which collects the spans of many calls and sends them together. */
import { defineApp } from "convex/server";
import { v } from "convex/values";
import otel from "convex-otel/convex.config";

// Optional: without an endpoint nothing is traced, and the app runs as it is.
const app = defineApp({
  env: {
    OTEL_EXPORTER_OTLP_ENDPOINT: v.optional(v.string()),
    OTEL_EXPORTER_OTLP_HEADERS: v.optional(v.string()),
  },
});

// A component sees the variables that are bound to it, and no others.
const { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_HEADERS } = app.env;
app.use(otel, { env: { OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_HEADERS } });

export default app;
