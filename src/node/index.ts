/**
 * `convex-otel/node`: tracing of a server around a Convex backend. Its one peer is `@opentelemetry/api`; of the SDK only types are
 * used, for those who have exporters or a set-up of it.
 */
export type { BatchOptions } from "./batchSettings.js";
export { continueTrace } from "./continueTrace.js";
export type { ExitSignal } from "./exitFlush.js";
export type { RegisterNodeOptions, SpanProcessorOptions } from "./options.js";
export { propagator } from "./propagator.js";
export { registerNode } from "./registerNode.js";
export type { Adopted, Disabled, NodeRegistration, Registered } from "./registration.js";
export { sampler, type SamplerOptions } from "./sampler.js";
export { spanProcessor } from "./spanProcessor.js";
