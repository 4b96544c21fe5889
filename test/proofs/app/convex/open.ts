/** Public functions, with validators. */
import { v } from "convex/values";
import { interpret } from "../interpret.js";
import { action, mutation, query } from "./otel.js";

const args = { node: v.any() };

export const q = query({ args, handler: interpret });
export const m = mutation({ args, returns: v.any(), handler: interpret });
export const a = action({ args, handler: interpret });
