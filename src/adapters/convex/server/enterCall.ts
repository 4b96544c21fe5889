/** Where a call of an instrumented function comes in, before anything of the recorder is needed. */
import { hasCarrier } from "./carrierArgs.js";
import type { FunctionShape } from "./functionShape.js";
import type { InstrumentedApp } from "./instrumentedApp.js";
import { runTraced } from "./runCall.js";
import { hasWayOut } from "./wayOut.js";
import { isInConvex } from "./surroundings.js";

/** A handler of a mutation or action, as far as wrapping it is concerned. */
export type Handler = (ctx: object, args: unknown, ...more: unknown[]) => unknown;

/**
 * Calls a handler, traced. It is called as it is outside of Convex, where unit tests call handlers with mocks, and where there
 * is nothing to record and nothing to take out of its arguments.
 */
export function enterCall(
  app: InstrumentedApp,
  shape: FunctionShape,
  handler: Handler,
  ctx: object,
  args: unknown,
  more: readonly unknown[],
): unknown {
  if (!isInConvex()) return handler(ctx, args, ...more);
  const canLeave = hasWayOut(app);
  if (!canLeave && !hasCarrier(args)) return handler(ctx, args, ...more);
  return runTraced(app, { shape, ctx, args, canLeave }, (tracedCtx, own) => handler(tracedCtx, own, ...more));
}
