/** The `deliver` function of an app, which sends what calls that may not use the network have recorded. Not traced itself. */
import type { GenericDataModel } from "convex/server";
import type { InstrumentedApp } from "./instrumentedApp.js";
import { markInstrumented } from "./mark.js";
import { sendTexts } from "./sending.js";
import type { DeliverArgs, DeliverFunction, ServerBuilders } from "./types.js";

/** Registers the function, with the stock builder. */
export function deliverFunction<DataModel extends GenericDataModel>(
  app: InstrumentedApp,
  server: ServerBuilders<DataModel>,
): DeliverFunction {
  const registered = server.internalAction({
    handler: async (ctx: object, args: DeliverArgs): Promise<null> => {
      await sendTexts(app, ctx, args);
      return null;
    },
  });
  return markInstrumented(registered) as DeliverFunction;
}
