/**
 * The `deliver` function of an app, which sends what calls that may not use the network have recorded: its registration,
 * and how calls schedule it. Not traced itself.
 */
import { type GenericDataModel, makeFunctionReference } from "convex/server";
import { markInstrumented } from "./mark.js";
import type { InstrumentConfig } from "./options.js";
import type { CtxMethod } from "./tracedCalls.js";
import type { DeliverArgs, DeliverFunction, ServerBuilders } from "./types.js";

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

/** Registers the function, with the stock builder. */
export function deliverFunction<DataModel extends GenericDataModel>(
  server: ServerBuilders<DataModel>,
  config: InstrumentConfig,
): DeliverFunction {
  const registered = server.internalAction({
    handler: async (ctx: object, args: DeliverArgs): Promise<null> => {
      const { attemptDelivery } = await import("./deliverAttempt.js");
      await attemptDelivery(ctx, config, args);
      return null;
    },
  });
  return markInstrumented(registered) as DeliverFunction;
}
