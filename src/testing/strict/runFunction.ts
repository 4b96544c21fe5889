/** Runs a query, a mutation or an action. */
import { convexToJson, type Value } from "convex/values";

import type { DeployedCode } from "./deployedCode.js";
import { turn } from "./eventLoop.js";
import type { Execution } from "./execution.js";
import { messageOf, outsideError, parse } from "./failure.js";
import { onBehalfOf } from "./rejections.js";
import { checkArgsSize, checkResultSize } from "./sizeLimits.js";
import type { CallRequest, StrictRuntime } from "./runtime.js";
import { watchForStandstill } from "./standstill.js";
import { resultOf } from "./syscalls.js";
import { checkValue } from "./valueLimits.js";
import type { StrictFunctionType, StrictOutcome } from "./types.js";

/** Which function, and where it is. */
export interface FunctionTarget {
  readonly code: DeployedCode;
  readonly path: string;
  readonly file: string;
  readonly exportName: string;
  readonly type: Exclude<StrictFunctionType, "httpAction">;
}

/** A call of a function. */
export type FunctionCall = Pick<CallRequest, "ctx" | "caller" | "attempt"> & {
  readonly args: unknown;
  /** Its effects will be discarded because of a conflict. */
  readonly isDiscarded?: boolean;
};

const INVOKERS = { query: "invokeQuery", mutation: "invokeMutation", action: "invokeAction" } as const;

/** Runs a function in a realm of its own. Throws what it throws, or what killed it. */
export async function runFunction(runtime: StrictRuntime, target: FunctionTarget, call: FunctionCall): Promise<Value> {
  const args = (call.args ?? {}) as Value;
  checkArgsSize(target.path, args);
  const json = convexToJson(args);
  checkValue(json);
  const argsJson = JSON.stringify(json);
  const { code, path, type, file, exportName } = target;
  const started = runtime.start({ ...call, code, path, type, argsJson });
  const { execution, realm } = started;
  return await concluding(execution, call.isDiscarded === true ? "conflict" : "returned", async () => {
    const registered = realm.load(file)[exportName];
    started.enterHandler();
    const handler = onBehalfOf(execution, () => invoke(registered, type, argsJson));
    if (type !== "action") watchForStandstill(execution, handler);
    const result = await orKilled(execution, handler);
    if (typeof result !== "string") throw new Error(`${path} did not return JSON`);
    checkValue(parse(result));
    // What queries and mutations have started still runs, if they succeeded.
    if (type !== "action") await orKilled(execution, execution.settled());
    return checkResultSize(path, resultOf(result));
  });
}

function invoke(registered: unknown, type: FunctionTarget["type"], argsJson: string): unknown {
  const invoker: unknown = Reflect.get(Object(registered) as object, INVOKERS[type]);
  if (typeof invoker !== "function") throw new Error(`The export is no ${type} any more`);
  // The first argument of actions is a request id that nothing reads.
  return Reflect.apply(invoker, registered, type === "action" ? ["", `[${argsJson}]`] : [`[${argsJson}]`]);
}

/** Waits for what a function gives, and for the rejections that it leaves behind. */
export async function orKilled<T>(execution: Execution, result: T | Promise<T>): Promise<T> {
  const value = await Promise.race([noteUnawaited(execution, result), execution.killed]);
  // Rejections are reported after the microtasks of this turn: one that belongs to it still counts.
  await turn();
  if (execution.death !== undefined) throw execution.death;
  return value;
}

// An action's operations that have not ended when it has are dropped: at this moment, not a turn later.
async function noteUnawaited<T>(execution: Execution, result: T | Promise<T>): Promise<T> {
  const { call } = execution;
  try {
    return await result;
  } finally {
    if (call.type === "action") dropUnawaited(execution);
  }
}

/** Ends an action, with the warning that a deployment logs: `add_warnings_to_log_lines` in environment/action/mod.rs. */
export function dropUnawaited(execution: Execution): void {
  const names = execution.pending();
  execution.call.unawaited = names;
  execution.end();
  if (names.length === 0) return;
  const text =
    `${names.length} unawaited operation${names.length === 1 ? "" : "s"}: [${[...new Set(names)].join(", ")}]. ` +
    "Async operations should be awaited or they might not run. " +
    "See https://docs.convex.dev/functions/actions#dangling-promises for more information.";
  execution.call.printSystem("WARN", text, "UnawaitedOperations");
}

/** Runs a call to its end and writes down which it was. */
async function concluding<T>(execution: Execution, success: StrictOutcome, run: () => Promise<T>): Promise<T> {
  try {
    const result = await run();
    execution.call.outcome = success;
    return result;
  } catch (thrown) {
    throw noteFailure(execution, thrown);
  } finally {
    execution.conclude();
  }
}

/** Writes down how a call failed. Gives the error for whoever called. */
export function noteFailure({ call, death }: Execution, thrown: unknown): Error {
  call.outcome = death === undefined ? "threw" : "killed";
  call.error = messageOf(death ?? thrown);
  return death ?? outsideError(thrown);
}
