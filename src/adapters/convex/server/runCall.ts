/** One traced mutation or action, from its arguments to its result. */
import { decodeCarrier, type Extracted } from "../../../propagation/carrier.js";
import { beginCall, type BegunCall, type Incoming } from "./beginCall.js";
import { splitArgs } from "./carrierArgs.js";
import { endCall, type Outcome } from "./endCall.js";
import { describeEntry } from "./entrySpan.js";
import { configOf, type InstrumentedApp } from "./instrumentedApp.js";
import type { InstrumentConfig } from "./options.js";
import { librariesJoin } from "./librariesJoin.js";
import { isTracedContext, tracedContext } from "./tracedContext.js";
import { reasonOf } from "./reasonOf.js";

/** What a call without a carrier brings. */
const NOTHING: Extracted = { baggage: [] };

/** A call of a mutation or action. */
export interface Called extends Pick<Incoming, "shape" | "ctx" | "canLeave"> {
  readonly args: unknown;
}

/**
 * Runs a mutation or action, traced. Its result, what it throws, and the arguments it sees stay its own.
 */
export function runTraced(
  app: InstrumentedApp,
  { args, ...called }: Called,
  handler: (ctx: object, args: unknown) => unknown,
): unknown {
  const { ctx } = called;
  // A registered function called directly, which Convex warns about, is part of the call that calls it.
  if (isTracedContext(ctx)) return handler(ctx, args);
  const config = configOf(app);
  const { own, carrier } = splitArgs(args);
  const extracted = carrier === undefined ? NOTHING : decodeCarrier(carrier);
  const invoke = (tracedCtx: object) => handler(tracedCtx, own);
  const begun = guarded(config, () => beginCall({ ...called, config, extracted }));
  if (begun === undefined) return invoke(ctx);
  if (!(begun instanceof Promise)) return runCall(begun, invoke);
  return begun.then((call) => (call === undefined ? invoke(ctx) : runCall(call, invoke)));
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
  const joining = librariesJoin(begun);
  if (joining !== undefined) await joining;
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
    config.report({ level: "error", code: "call.not_begun", message: `A call is not traced: ${reasonOf(thrown)}` });
  };
  try {
    const begun = begin();
    return begun instanceof Promise ? begun.catch(notBegun) : begun;
  } catch (thrown) {
    return notBegun(thrown);
  }
}
