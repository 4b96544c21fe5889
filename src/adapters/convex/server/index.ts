/** Tracing for Convex functions: the public names of `convex-otel/convex`. */
export { type InstrumentedConvex, instrumentConvex } from "./instrumentConvex.js";
export type { KeepUnsampled, PublicContextPolicy } from "../../../core/options.js";
export type { InstrumentConvexOptions, OutboxComponent } from "./options.js";
export type { DeliverArgs, DeliverFunction, ServerBuilders, Traced, TracedBuilders } from "./types.js";
export type { Complete, Instrumented } from "./completeness.js";
export { untraced } from "./tracedContext.js";
export { vCarrier } from "./carrierValidator.js";
