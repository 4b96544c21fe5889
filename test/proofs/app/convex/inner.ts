/** Internal functions, two of each type; some without validators. */
import { v } from "convex/values";
import { interpret } from "../interpret.js";
import { internalAction, internalMutation, internalQuery } from "./otel.js";

const args = { node: v.any() };

export const q = internalQuery({ args, handler: interpret });
export const m = internalMutation({ args, handler: interpret });
export const a = internalAction({ args, handler: interpret });
export const loose = internalMutation((ctx: object, given: Record<string, unknown>) => interpret(ctx, given));
export const looseAction = internalAction({
  handler: (ctx: object, given: Record<string, unknown>) => interpret(ctx, given),
});
