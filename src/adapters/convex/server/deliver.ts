/** The `deliver` function of an app, which sends what calls that may not use the network have recorded. Not traced itself. */
import type { GenericDataModel } from "convex/server";
import { markInstrumented } from "./mark.js";
import type { InstrumentConfig } from "./options.js";
import type { DeliverArgs, DeliverFunction, ServerBuilders } from "./types.js";

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
