/** How calls, and `deliver` itself, schedule `deliver`. */
import { makeFunctionReference } from "convex/server";
import type { InstrumentConfig } from "./options.js";
import type { CtxMethod } from "./tracedCalls.js";
import type { DeliverArgs } from "./types.js";

/** Schedules `deliver`, with the scheduler of the call's own, untraced `ctx`. */
export async function scheduleDelivery(
  ctx: object,
  config: InstrumentConfig,
  args: DeliverArgs,
  delayMs = 0,
): Promise<void> {
  const { scheduler } = ctx as { readonly scheduler: { readonly runAfter: CtxMethod } };
  await scheduler.runAfter(delayMs, makeFunctionReference<"action">(config.deliverPath), args);
}
