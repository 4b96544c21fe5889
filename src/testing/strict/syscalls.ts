/**
 * What a function asks of its backend, answered by convex-test. Its own versions of the calls that an action makes drop the
 * encoding of int64 and bytes and know no components, so those go through the ctx that it gives to the handler.
 */
import { AsyncLocalStorage } from "node:async_hooks";

import { makeFunctionReference } from "convex/server";
import { convexToJson, jsonToConvex, type Value } from "convex/values";

import type { DeployedCode } from "./deployedCode.js";
import type { Caller, Execution } from "./execution.js";
import { parse } from "./failure.js";
import { checkCallDepth, type CheckSchedule } from "./callLimits.js";
import type { FunctionAddress } from "./functionAddress.js";
import { type HostContext, hostConvex } from "./hostContext.js";
import type { StrictMetadata } from "./options.js";
import { QueryStreams } from "./queryStreams.js";
import { TransactionRecorder } from "./transactionRecorder.js";
import { checkWrite } from "./valueLimits.js";

/** Answers of the backend to one call. */
export interface Syscalls {
  sync(name: string, argsJson: string): string;
  async(name: string, argsJson: string): Promise<string>;
  js(name: string, args: unknown): Promise<unknown>;
}

/** What the answers depend on. */
export interface SyscallsOptions {
  /** Where the call is deployed. */
  readonly code: DeployedCode;
  readonly execution: Execution;
  readonly ctx: HostContext;
  readonly metadata: readonly StrictMetadata[];
  readonly checkSchedule: CheckSchedule;
  /** Runs what happens on behalf of a call; what it calls has it as its parent. */
  readonly asCaller: <T>(caller: Caller, run: () => T) => T;
}

/** What modules may not do while they are evaluated: `crates/isolate/src/environment/analyze.rs`. */
function atImport(name: string): Error {
  return new Error(`Syscall ${name} unsupported at import time`);
}

/** Where an action's calls go. */
const RUNNERS: Readonly<Record<string, "runQuery" | "runMutation" | "runAction">> = {
  "1.0/actions/query": "runQuery",
  "1.0/actions/mutation": "runMutation",
  "1.0/actions/action": "runAction",
};

/** Must be made where convex-test calls the handler: it keeps its state in the asynchronous context. */
export function syscallsOf(options: SyscallsOptions): Syscalls {
  const { execution, ctx, asCaller } = options;
  const inContext = AsyncLocalStorage.snapshot();
  const recorder = new TransactionRecorder(options.code, execution);
  const streams = new QueryStreams(recorder);
  const answer = async (name: string, argsJson: string): Promise<string> => {
    if (isUnknown(name, options.metadata)) throw new Error(`Unknown async operation ${name}`);
    if (name === "1.0/runUdf") checkCallDepth(execution);
    checkWrite(name, argsJson);
    if (name.endsWith("/schedule")) options.checkSchedule(argsJson, execution);
    if (name === "1.0/queryStreamNext") return await streams.next(argsJson);
    if (name === "1.0/getUserIdentity") return await readIdentity(execution, ctx);
    const runner = RUNNERS[name];
    if (runner !== undefined) return await runFromAction(ctx, runner, argsJson);
    return await recorder.record(name, argsJson, () => hostConvex().asyncSyscall(name, argsJson));
  };
  return {
    sync: (name, argsJson) => {
      if (execution.call.isImporting) throw atImport(name);
      if (isUnknown(name, options.metadata)) throw new Error(`Unknown operation ${name}`);
      if (execution.isOver) throw new Error("The function has ended");
      // Lets go of a query's cursor; nothing is read.
      if (name === "1.0/queryCleanup") return "{}";
      const answered = execution.call.operate(name, argsJson);
      // Its documentation in the package `convex`: it limits caching as `Date.now()` does.
      if (name === "1.0/getSnapshotTs") execution.call.readClock();
      try {
        if (name === "1.0/queryStream") return inContext(() => streams.open(argsJson, execution.isBusy));
        return inContext(() => hostConvex().syscall(name, argsJson));
      } finally {
        answered();
      }
    },
    async: (name, argsJson) => {
      if (execution.call.isImporting) return Promise.reject(atImport(name));
      const caller = callerFor(name, argsJson, execution);
      return execution.operate(name, argsJson, () => inContext(() => asCaller(caller, () => answer(name, argsJson))));
    },
    js: (name, args) =>
      execution.call.isImporting
        ? Promise.reject(atImport(name))
        : execution.operate(name, "", () => inContext(() => hostConvex().jsSyscall(name, args))),
  };
}

function callerFor(name: string, argsJson: string, execution: Execution): Caller {
  // A scheduled function is nobody's child.
  if (name.endsWith("/schedule")) return { execution: undefined, isSnapshot: false };
  const { udfType } = name === "1.0/runUdf" ? (JSON.parse(argsJson) as { readonly udfType?: string }) : {};
  return { execution, isSnapshot: udfType === "snapshotQuery" };
}

function isUnknown(name: string, metadata: readonly string[]): boolean {
  const method = name.replace("1.0/", "");
  return /^get(\w+Metadata|TransactionMetrics|SnapshotTs)$/.test(method) && !metadata.includes(method);
}

async function readIdentity(execution: Execution, ctx: HostContext): Promise<string> {
  const identity = (await ctx.auth?.getUserIdentity()) ?? null;
  const json = JSON.stringify(convexToJson(identity as Value));
  execution.call.readIdentity(json);
  return json;
}

async function runFromAction(ctx: HostContext, runner: keyof HostContext, argsJson: string): Promise<string> {
  const address = JSON.parse(argsJson) as FunctionAddress & { readonly args: Parameters<typeof jsonToConvex>[0] };
  const run = ctx[runner];
  if (typeof run !== "function") throw new Error(`convex-test gives no ctx.${runner} here`);
  const result = await run(referenceTo(address), jsonToConvex(address.args));
  return JSON.stringify(convexToJson((result ?? null) as Value));
}

function referenceTo({ name, reference, functionHandle }: FunctionAddress): unknown {
  if (functionHandle !== undefined) return functionHandle;
  if (reference !== undefined) return { [Symbol.for("toReferencePath")]: reference };
  if (name !== undefined) return makeFunctionReference(name);
  throw new Error("A function was called without an address");
}

/** Parses what `invoke*` returned. */
export function resultOf(json: string): Value {
  return jsonToConvex(parse(json));
}
