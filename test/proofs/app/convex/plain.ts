/** Functions that are not instrumented, and listed so. */
import { internalActionGeneric, internalMutationGeneric, internalQueryGeneric } from "convex/server";
import { v } from "convex/values";
import { interpret } from "../interpret.js";

const args = { node: v.any() };

export const q = internalQueryGeneric({ args, handler: interpret });
export const m = internalMutationGeneric({ args, handler: interpret });
export const a = internalActionGeneric({ args, handler: interpret });
