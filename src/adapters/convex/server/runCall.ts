/** One traced mutation or action, from its arguments to its result. */
import { decodeCarrier } from "../../../propagation/carrier.js";
import { beginCall, type BegunCall } from "./beginCall.js";
import { splitArgs } from "./carrierArgs.js";
import { endCall, type Outcome } from "./endCall.js";
import { describeEntry } from "./entrySpan.js";
import type { FunctionShape } from "./functionShape.js";
import type { InstrumentConfig } from "./options.js";
import { isInConvex } from "./platform.js";
import { tracedContext } from "./tracedContext.js";

/** A handler of a mutation or action, as far as wrapping it is concerned. */
export type Handler = (ctx: object, args: unknown, ...more: unknown[]) => unknown;

/**
 * The handler, traced. Its result, what it throws, and the arguments it sees stay its own. Outside of Convex, where unit
 * tests call handlers with mocks, it is called as it is.
 */
export function tracedHandler(config: InstrumentConfig, shape: FunctionShape, handler: Handler): Handler {
  return (ctx, args, ...more) => {
    if (!isInConvex()) return handler(ctx, args, ...more);
    const { own, carrier } = splitArgs(args);
    const extracted = decodeCarrier(carrier);
    const invoke = (tracedCtx: object) => handler(tracedCtx, own, ...more);
    const begun = guarded(config, () => beginCall({ config, shape, ctx, extracted }));
    if (begun === undefined) return invoke(ctx);
    if (!(begun instanceof Promise)) return runCall(begun, invoke);
    return begun.then((call) => (call === undefined ? invoke(ctx) : runCall(call, invoke)));
  };
}

async function runCall(begun: BegunCall, invoke: (ctx: object) => unknown): Promise<unknown> {
  const { call, incoming } = begun;
  const { shape, extracted, ctx } = incoming;
  const traced = tracedContext(call, ctx, shape.type === "mutation" ? "mutation" : "action");
  const end = (outcome: Outcome) => {
    traced.finish();
    return endCall(begun, outcome, (recorder, metadata) =>
      describeEntry(call, recorder.entry, { shape, metadata, extracted }),
    );
  };
  let result: unknown;
  try {
    result = await call.run(() => invoke(traced.ctx));
  } catch (thrown) {
    await end({ ok: false, thrown });
    throw thrown;
  }
  await end({ ok: true });
  return result;
}

/** Beginning a call must not end it: without a beginning the handler simply runs. */
export function guarded<T>(
  config: InstrumentConfig,
  begin: () => T | Promise<T>,
): T | Promise<T | undefined> | undefined {
  const notBegun = (thrown: unknown): undefined => {
    const reason = thrown instanceof Error ? thrown.message : String(thrown);
    config.report({ level: "error", code: "call.not_begun", message: `A call is not traced: ${reason}` });
  };
  try {
    const begun = begin();
    return begun instanceof Promise ? begun.catch(notBegun) : begun;
  } catch (thrown) {
    return notBegun(thrown);
  }
}
