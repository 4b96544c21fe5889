/**
 * Conflicts between transactions, on request. Convex then discards all that the mutation did and runs it again with the same
 * arguments, a new seed and a new time (`_retry_mutation` in `crates/application/src/application_function_runner/mod.rs` of
 * get-convex/convex-backend). convex-test runs one transaction after the other, so it never has any.
 */
import { AsyncLocalStorage } from "node:async_hooks";

import { makeFunctionReference } from "convex/server";
import type { Value } from "convex/values";

import { qualifiedPath } from "./deployedCode.js";
import { messageOf } from "./failure.js";
import { type HostContext, hostConvex } from "./hostContext.js";
import { isTransactional } from "./observation.js";
import { type FunctionCall, type FunctionTarget, runFunction } from "./runFunction.js";
import type { StrictRuntime } from "./runtime.js";

/** `UDF_EXECUTOR_OCC_MAX_RETRIES` in `crates/common/src/knobs.rs`. Scheduled mutations are tried again without end. */
const MAX_RETRIES = 4;

/** An attempt that is lost from the start. */
interface LostAttempt {
  readonly number: number;
  hasStarted: boolean;
  error: Error | undefined;
}

const lostAttempts = new AsyncLocalStorage<LostAttempt>();

/** Runs a mutation as often as it takes. Called where convex-test calls its handler. */
export async function runMutation(
  runtime: StrictRuntime,
  target: FunctionTarget,
  ctx: HostContext,
  args: unknown,
): Promise<Value> {
  const { caller } = runtime;
  const call: FunctionCall = { ctx, args, caller, attempt: 1 };
  const lost = lostAttempts.getStore();
  if (lost?.hasStarted === false) return await loseAttempt(runtime, target, call, lost);
  // A nested mutation is part of its caller's transaction, and runs again with it.
  if (caller !== undefined && isTransactional(caller.call.type)) return await runFunction(runtime, target, call);
  const conflicts = runtime.conflicts.take(qualifiedPath(target.code.componentPath, target.path));
  for (let number = 1; number <= conflicts; number++) {
    await tryInVain(target, ctx, args, number);
    // What a scheduled action calls was not scheduled itself.
    if (number > MAX_RETRIES && (caller !== undefined || !(await isScheduled()))) throw new Error(GAVE_UP);
  }
  return await runFunction(runtime, target, { ...call, attempt: conflicts + 1 });
}

/** `user_occ` in `crates/errors/src/lib.rs`, without naming a table. */
const GAVE_UP =
  "Documents read from or written to a table changed while this mutation was being run and on every subsequent retry. " +
  "See https://docs.convex.dev/error#1";

// A nested mutation that throws is rolled back, with its scheduled functions: so each attempt is one.
async function tryInVain(target: FunctionTarget, ctx: HostContext, args: unknown, number: number): Promise<void> {
  const attempt: LostAttempt = { number, hasStarted: false, error: undefined };
  const { runMutation: runNested } = ctx;
  if (runNested === undefined) throw new Error("convex-test gives no ctx.runMutation here");
  try {
    await lostAttempts.run(attempt, () => runNested(makeFunctionReference(target.path), args));
  } catch (thrown) {
    if (!attempt.hasStarted) throw thrown;
  }
  // A mutation that throws commits nothing, so it cannot be in conflict.
  if (attempt.error !== undefined) throw attempt.error;
}

async function loseAttempt(
  runtime: StrictRuntime,
  target: FunctionTarget,
  call: FunctionCall,
  attempt: LostAttempt,
): Promise<never> {
  attempt.hasStarted = true;
  try {
    await runFunction(runtime, target, { ...call, attempt: attempt.number, isDiscarded: true });
  } catch (thrown) {
    attempt.error = thrown instanceof Error ? thrown : new Error(messageOf(thrown));
  }
  throw new Error("This attempt is in conflict");
}

async function isScheduled(): Promise<boolean> {
  const json = await hostConvex().asyncSyscall("1.0/getRequestMetadata", "{}");
  const { scheduledFunctionId } = JSON.parse(json) as { readonly scheduledFunctionId?: string | null };
  return typeof scheduledFunctionId === "string";
}
