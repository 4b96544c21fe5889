/** `ctx.runQuery`, `ctx.runMutation` and `ctx.runAction`, traced: a span at the caller, and a carrier for the callee. */
import { endingSpan } from "../../../core/api.js";
import { CONVEX_FUNCTION_TYPE, RPC_METHOD, RPC_SYSTEM_NAME } from "../../../semconv/attributes.js";
import { handOn } from "./handOn.js";
import type { TracedCall } from "./tracedCall.js";

/** A method of `ctx`, as its callers see it. */
export type CtxMethod = (...args: unknown[]) => unknown;

/** The function types that `ctx.run*` calls. */
export type CalleeType = "query" | "mutation" | "action";

/**
 * Wraps one of the three methods. Called from a mutation, a callee runs in the same transaction (`nested`): it needs no
 * span of its own. A query is never given a carrier, because arguments are part of its cache key.
 *
 * All arguments are passed on, also those that newer versions of Convex add.
 */
export function tracedRun(
  call: TracedCall,
  original: CtxMethod,
  type: CalleeType,
  from: "mutation" | "action",
): CtxMethod {
  return (...given) => {
    const callee = call.describe(given[0]);
    const span = call.startSpan(callee.displayName, {
      kind: from === "mutation" ? "internal" : "client",
      attributes: { [RPC_SYSTEM_NAME]: "convex", [RPC_METHOD]: callee.displayName, [CONVEX_FUNCTION_TYPE]: type },
    });
    if (span === undefined) return original(...given);
    const edge = from === "mutation" ? "nested" : "call";
    const passed = type === "query" ? given : handOn(call, span, callee, given, 1, { edge });
    return endingSpan(span, () => call.outside(() => original(...passed)));
  };
}
