/**
 * The globals of modules that are evaluated for a check: those that Convex has in the module's runtime, without a
 * network and with an empty environment. Sources: https://docs.convex.dev/functions/runtimes and
 * `npm-packages/udf-runtime/src` of get-convex/convex-backend.
 */
import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";
import process from "node:process";
import vm from "node:vm";

import type { ConvexEnvironment } from "../../testing/convexEntryPoints.js";

import { denied } from "./denied.js";
import { inertTimers } from "./timers.js";

const WEB_GLOBALS = (
  "AbortController AbortSignal Blob CompressionStream CryptoKey DOMException DecompressionStream Event EventTarget File " +
  "FormData Headers ReadableStream Request Response TextDecoder TextDecoderStream TextEncoder TextEncoderStream " +
  "TransformStream URL URLSearchParams WritableStream atob btoa crypto performance structuredClone"
).split(" ");

/** A fresh context for one module. */
export interface ModuleContext {
  readonly context: vm.Context;
  /** `process` of modules for Node.js. */
  readonly process: object;
}

/** Makes the context that a module of the given runtime is evaluated in. */
export function createModuleContext(environment: ConvexEnvironment): ModuleContext {
  const sandbox: Record<string, unknown> = {
    ...webGlobals(),
    ...inertTimers(),
    AsyncLocalStorage,
    AsyncResource,
    console: silentConsole(),
    Convex: { syscall: denied("syscall"), asyncSyscall: denied("syscall"), jsSyscall: denied("syscall") },
  };
  const context = vm.createContext(sandbox, { codeGeneration: { strings: environment === "node", wasm: true } });
  const later: unknown = vm.runInContext(LATER, context);
  const nodeProcess = environment === "node" ? processOf(later) : { env: {} };
  const fetch: unknown = vm.runInContext(REJECTING_FETCH, context);
  Object.assign(sandbox, { fetch, process: nodeProcess });
  if (environment === "node") Object.assign(sandbox, { Buffer, queueMicrotask: later });
  else delete sandbox["setImmediate"];
  vm.runInContext("globalThis.self = globalThis.global = globalThis", context);
  return { context, process: nodeProcess };
}

function webGlobals(): Record<string, unknown> {
  const present = WEB_GLOBALS.filter((name) => name in globalThis);
  return Object.fromEntries(present.map((name) => [name, Reflect.get(globalThis, name)]));
}

// Convex runs modules at each deploy: what they print there is of no interest here.
function silentConsole(): Record<string, unknown> {
  return Object.fromEntries(Object.keys(console).map((name) => [name, () => undefined]));
}

// Promises have to belong to the context, so that their rejections can be told from those of this process.
const REJECTING_FETCH = `() =>
  Promise.reject(new TypeError("fetch() is not available while modules are evaluated for a check"))`;

const LATER = `(callback, ...args) => {
  Promise.resolve().then(() => callback(...args));
}`;

function processOf(later: unknown): object {
  const { arch, platform, version, versions, release, pid } = process;
  const ignore = (): void => undefined;
  const stream = { isTTY: false, write: () => true, on: ignore, once: ignore };
  const listeners = { on: ignore, once: ignore, off: ignore, addListener: ignore, removeListener: ignore };
  return {
    ...{ arch, platform, version, versions, release, pid, ...listeners },
    env: {},
    argv: ["node"],
    execArgv: [],
    stdout: stream,
    stderr: stream,
    cwd: () => "/",
    uptime: () => process.uptime(),
    memoryUsage: () => process.memoryUsage(),
    hrtime: Object.assign(() => process.hrtime(), { bigint: () => process.hrtime.bigint() }),
    nextTick: later,
    emitWarning: ignore,
    listenerCount: () => 0,
    exit: denied("process.exit"),
    kill: denied("process.kill"),
  };
}
