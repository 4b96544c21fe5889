/** Functions that one variant of the app never records. */
import { v } from "convex/values";
import { interpret } from "../interpret.js";
import { internalAction, internalMutation } from "./otel.js";

const args = { node: v.any() };

export const m = internalMutation({ args, handler: interpret });
export const a = internalAction({ args, handler: interpret });
