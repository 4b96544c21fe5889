/** What a realm can reach of the outside: the counterpart of `realmScript.ts`. Everything it does is noted. */
import { types } from "node:util";

import type { StrictClock } from "./callClock.js";
import { consoleText } from "./consoleText.js";
import type { StrictEnv } from "./deployedCode.js";
import type { Execution } from "./execution.js";
import { failureOf, type Failure } from "./failure.js";
import { needsRealRandomness, runSubtle, SUBTLE_METHODS } from "./hostCrypto.js";
import { isTransactional } from "./observation.js";
import type { StrictSettings } from "./options.js";
import { type SeededRandom, uuid } from "./seededRandom.js";
import type { Syscalls } from "./syscalls.js";
import { startTimers } from "./timers.js";
import type { StrictLogLevel } from "./types.js";
import { notImplemented } from "./webGlobals.js";

/** What a realm runs on. The clock and the random numbers change once its modules have been evaluated. */
export interface RealmPorts {
  clock: StrictClock;
  random: SeededRandom;
  readonly execution: Execution;
  readonly syscalls: Syscalls;
  readonly settings: StrictSettings;
  /** The variables of the app, or those of the component. */
  readonly env: StrictEnv;
  /** The moment of the deploy. */
  readonly timeOrigin: number;
}

type Resolve = (value: unknown) => void;
type Reject = (failure: Failure) => void;

/** The object that the script gets. Nothing in it throws. */
export function realmHost(ports: RealmPorts): object {
  return {
    ...basics(ports),
    ...randomness(ports),
    ...output(ports),
    ...outside(ports),
    ...backend(ports),
  };
}

/** What every deployment has: `system_env_vars` in `crates/udf/src/environment.rs`. The addresses are convex-test's. */
const SYSTEM_ENV: ReadonlyMap<string, string> = new Map([
  ["CONVEX_CLOUD_URL", "https://some-deployment.convex.cloud"],
  ["CONVEX_SITE_URL", "https://some.convex.site"],
]);

function basics(ports: RealmPorts): object {
  const { call } = ports.execution;
  const { env } = ports;
  return {
    isInstance: (name: string, value: unknown) =>
      value instanceof Error || types.isNativeError(value) ? name === "Error" || value.name === name : false,
    date: () => (call.readClock(), ports.clock.date()),
    performanceNow: () => (call.readClock(), ports.clock.performance()),
    timeOrigin: () => ports.timeOrigin,
    env: (name: string) => (call.envReads.push(name), Object.hasOwn(env, name) ? env[name] : SYSTEM_ENV.get(name)),
    refusal: (name: string) => refusal(name, ports.execution),
    killAsMissing: (operation: string, className: string): Failure =>
      failureOf(ports.execution.kill(new Error(notImplemented(operation, className)))),
  };
}

/** Why timers and fetch cannot be used, or undefined if they can. */
function refusal(name: string, { call }: Execution): string | undefined {
  if (call.isImporting) return `${name} unsupported at import time`;
  return isTransactional(call.type) ? notAllowed(name) : undefined;
}

/** `not_allowed_in_udf` in environment/udf/mod.rs. */
function notAllowed(what: string): string {
  return (
    `Can't use ${what} in queries and mutations. Please consider using an action. ` +
    "See https://docs.convex.dev/functions/actions for more details."
  );
}

/** The most that `getRandomValues` gives at once: the Web Cryptography API, §10.1.1. */
const MAX_RANDOM_BYTES = 65_536;

/** `op_crypto_get_random_values` in crates/isolate/src/ops/crypto.rs. */
function tooManyBytes(length: number): string {
  return `Byte length (${length}) exceeds the number of bytes of entropy available via this API (${MAX_RANDOM_BYTES})`;
}

function randomness(ports: RealmPorts): object {
  const { call } = ports.execution;
  return {
    subtleMethods: SUBTLE_METHODS,
    random: () => (call.drawRandom(), ports.random.number()),
    randomUUID: () => (call.drawRandom(), uuid(ports.random)),
    fillRandom: (array: unknown): Failure | undefined => {
      if (!ArrayBuffer.isView(array)) return { name: "TypeError", message: "getRandomValues needs a typed array" };
      if (array.byteLength > MAX_RANDOM_BYTES) {
        return { name: "TypeError", message: tooManyBytes(array.byteLength) };
      }
      call.drawRandom();
      ports.random.fill(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
      return undefined;
    },
    subtle: (name: string, args: readonly unknown[], resolve: Resolve, reject: Reject) => {
      if (call.isImporting && needsRealRandomness(name, args)) {
        return reject({ name: "Error", message: "Cannot use cryptographic randomness at import time" });
      }
      if (isTransactional(call.type) && needsRealRandomness(name, args)) {
        return reject({ name: "Error", message: notAllowed("cryptographic randomness") });
      }
      ports.execution.work(runSubtle(name, args)).then(resolve, (thrown: unknown) => reject(failureOf(thrown)));
    },
  };
}

function output({ execution: { call } }: RealmPorts): object {
  // The real clock, and no observation: nothing of it is visible to the function.
  const started = new Map<string, number>();
  return {
    print: (level: StrictLogLevel, args: readonly unknown[]) => call.print(level, consoleText(args)),
    trace: (args: readonly unknown[], stack: string) => call.print("LOG", `${consoleText(args)}\n${stack}`),
    stopwatch: (method: string, label: string, args: readonly unknown[]) => {
      const start = started.get(label);
      if (method === "time") {
        if (start === undefined) return void started.set(label, performance.now());
        return call.print("WARN", `Timer '${label}' already exists`);
      }
      if (start === undefined) return call.print("WARN", `Timer '${label}' does not exist`);
      if (method === "timeEnd") started.delete(label);
      const text = `${label}: ${Math.round(performance.now() - start)}ms`;
      call.print("INFO", args.length === 0 ? text : `${text} ${consoleText(args)}`);
    },
  };
}

function outside({ execution, settings }: RealmPorts): object {
  const timers = startTimers(execution);
  return {
    startTimer: timers.start,
    stopTimer: timers.stop,
    fetch: (args: Parameters<typeof fetch>, resolve: Resolve, reject: Reject) => {
      execution
        .operate("fetch", "", () => settings.fetch(...args))
        .then(resolve, (thrown: unknown) => reject(failureOf(thrown)));
    },
  };
}

function backend({ syscalls }: RealmPorts): object {
  return {
    syscall: (name: string, json: string): { value: string } | { failure: Failure } => {
      try {
        return { value: syscalls.sync(name, json) };
      } catch (thrown) {
        return { failure: failureOf(thrown) };
      }
    },
    asyncSyscall: (name: string, json: string, resolve: Resolve, reject: Reject) => {
      syscalls.async(name, json).then(resolve, (thrown: unknown) => reject(failureOf(thrown)));
    },
    jsSyscall: (name: string, args: unknown, resolve: Resolve, reject: Reject) => {
      syscalls.js(name, args).then(resolve, (thrown: unknown) => reject(failureOf(thrown)));
    },
  };
}
