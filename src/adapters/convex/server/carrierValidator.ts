/** The validator of a carrier, for functions that take one without our builders. */
import { v } from "convex/values";

/**
 * Validator of a carrier argument: an optional anything, because a malformed carrier must never fail a call. Decode what
 * arrives with `extractCarrier`, which checks it.
 *
 * @example
 * ```ts
 * import { vCarrier } from "convex-otel/convex";
 * import { internalMutationGeneric } from "convex/server";
 *
 * export const legacy = internalMutationGeneric({
 *   args: { _otel: vCarrier },
 *   handler: async () => null,
 * });
 * ```
 */
export const vCarrier = /* @__PURE__ */ v.optional(/* @__PURE__ */ v.any());
