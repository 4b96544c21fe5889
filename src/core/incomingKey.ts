/**
 * Where what came with a request is kept in a context of `@opentelemetry/api`, on the way from what reads it (a propagator, a
 * traced handler) to the tracer that starts the request's span: its value is `Extracted` of the carrier.
 */

/** Registered, so that different copies of this library understand each other. */
export const INCOMING_KEY = Symbol.for("convex-otel.node.incoming.v1");
