/** Sends, with code that is loaded for it: no function that sends nothing should pay for evaluating that. */
import { configOf, type InstrumentedApp } from "./instrumentedApp.js";
import type { InstrumentConfig } from "./options.js";
import type { DeliverArgs } from "./types.js";

/** What the `deliver` function of an app does. */
export async function sendTexts(app: InstrumentedApp, ctx: object, args: DeliverArgs): Promise<null> {
  await sendNow(configOf(app), ctx, args);
  return null;
}

/** Sends texts, in actions only: elsewhere Convex rejects `import()`. `timeoutMs` shortens the exporter's own time limit. */
export async function sendNow(
  config: InstrumentConfig,
  ctx: object,
  args: DeliverArgs,
  timeoutMs?: number,
): Promise<void> {
  const { attemptDelivery } = await import("./deliverAttempt.js");
  await attemptDelivery(ctx, config, args, timeoutMs);
}
