/**
 * Who this library says it is: in the instrumentation scope of every span, in `telemetry.*` attributes and in the
 * User-Agent of export requests. In one file, so that a release changes one line here.
 */

/** Version of the package, as in `package.json`. */
export const VERSION = "0.1.0";

/** Name of the instrumentation scope, and of the package. */
export const SCOPE_NAME = "convex-otel";

/**
 * The version of the semantic conventions that attribute names follow. Backends use it to translate old names.
 * Source: https://opentelemetry.io/docs/specs/otel/schemas/
 */
export const SCHEMA_URL = "https://opentelemetry.io/schemas/1.45.0";
