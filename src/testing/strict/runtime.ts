/** What the calls of one strict runtime share. */
import { AsyncLocalStorage } from "node:async_hooks";

import type { ConvexBundle } from "../convexBundle.js";
import { type TimeSource, importClock, startClock, timeSource } from "./callClock.js";
import type { StrictScripts } from "./compile.js";
import { type ModuleExports, scheduleChecks } from "./callLimits.js";
import { consoleBudget } from "./consoleBudget.js";
import { ConflictRequests } from "./conflictRequests.js";
import { Execution, type Transaction } from "./execution.js";
import type { HostContext } from "./hostContext.js";
import { isTransactional, Observation } from "./observation.js";
import type { StrictSettings } from "./options.js";
import { createRealm, type Realm } from "./realm.js";
import type { RealmPorts } from "./realmHost.js";
import { callSeed, seededRandom } from "./seededRandom.js";
import { syscallsOf } from "./syscalls.js";
import type { StrictFunctionType } from "./types.js";

/** What is about to run. */
export interface CallRequest {
  readonly path: string;
  readonly type: StrictFunctionType;
  readonly argsJson: string;
  readonly ctx: HostContext;
  readonly caller: Execution | undefined;
  readonly attempt: number;
}

/** A call whose realm exists, and in which nothing has run yet. */
export interface StartedCall {
  readonly execution: Execution;
  readonly realm: Realm;
  /** The modules have been evaluated: from here on the clock and the random numbers are those of the call. */
  enterHandler(): void;
}

/** A deployment of one bundle. */
export class StrictRuntime {
  readonly calls: Observation[] = [];
  readonly conflicts = new ConflictRequests();
  /** What can be called, by module. */
  readonly exports = new Map<string, ModuleExports>();
  bundle: ConvexBundle;
  readonly settings: StrictSettings;
  #scripts: StrictScripts;
  readonly #time: TimeSource;
  #deployedMs: number;
  readonly #callers = new AsyncLocalStorage<Execution | undefined>();
  readonly #running = new Set<Execution>();
  readonly #checkSchedule = scheduleChecks(this.exports);
  #started = 0;
  #isClosed = false;

  constructor(bundle: ConvexBundle, scripts: StrictScripts, settings: StrictSettings) {
    this.bundle = bundle;
    this.settings = settings;
    this.#scripts = scripts;
    this.#time = timeSource(settings.now);
    this.#deployedMs = Math.floor(this.#time.wall());
  }

  /** From here on, calls run these functions, or again those before if what is returned is called. */
  deploy(bundle: ConvexBundle, scripts: StrictScripts): () => void {
    const before = [this.bundle, this.#scripts, this.#deployedMs] as const;
    const exportsBefore = [...this.exports];
    for (const { name } of this.bundle.modules) this.exports.delete(name);
    this.bundle = bundle;
    this.#scripts = scripts;
    this.#deployedMs = Math.floor(this.#time.wall());
    return () => {
      [this.bundle, this.#scripts, this.#deployedMs] = before;
      this.exports.clear();
      for (const [name, names] of exportsBefore) this.exports.set(name, names);
    };
  }

  /** The call on whose behalf this code runs. */
  get caller(): Execution | undefined {
    return this.#callers.getStore();
  }

  /** Makes everything ready for a call, and takes note of it. */
  start(request: CallRequest): StartedCall {
    const started = this.#prepare(request);
    const { execution } = started;
    this.calls.push(execution.call);
    this.#running.add(execution);
    execution.onEnd(() => this.#running.delete(execution));
    return started;
  }

  /** Whether functions can be called. Jobs may come due when the test is over. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Ends all calls that are still running, without a word: whoever waits for them has gone. */
  close(): void {
    this.#isClosed = true;
    for (const execution of [...this.#running]) execution.end();
  }

  /** A realm in which a module can be looked at, as a deploy does. It is not a call. */
  analyze(file: string): Readonly<Record<string, unknown>> {
    const request = { path: file, type: "query", argsJson: "", ctx: {}, caller: undefined, attempt: 1 } as const;
    return this.#prepare(request).realm.load(file);
  }

  #prepare({ path, type, argsJson, ctx, caller, attempt }: CallRequest): StartedCall {
    const { seed: deploySeed } = this.settings;
    const seed = callSeed(deploySeed, ++this.#started);
    const transaction = this.#transaction(caller);
    const { budget, startMs } = transaction;
    const call = new Observation({ path, type, parent: caller?.call, attempt, argsJson, seed, budget });
    const execution = new Execution(call, transaction);
    const ports: RealmPorts = {
      clock: importClock(this.#deployedMs),
      // Fixed for the deploy: what a module draws is the same in every call.
      random: seededRandom(callSeed(deploySeed, 0)),
      execution,
      syscalls: syscallsOf({
        execution,
        ctx,
        metadata: this.settings.backend.meta,
        checkSchedule: this.#checkSchedule,
        asCaller: this.#asCaller,
      }),
      settings: this.settings,
      timeOrigin: this.#deployedMs,
    };
    const realm = createRealm(this.#scripts, ports);
    const enterHandler = (): void => {
      ports.clock = startClock(type, startMs, this.#deployedMs, this.#time);
      ports.random = seededRandom(seed);
      call.enterHandler();
    };
    return { execution, realm, enterHandler };
  }

  // Functions that a query or mutation calls run in its transaction; those that an action calls have their own.
  #transaction(caller: Execution | undefined): Transaction {
    if (caller !== undefined && isTransactional(caller.call.type)) return caller.transaction;
    return { startMs: Math.floor(this.#time.wall()), budget: consoleBudget() };
  }

  readonly #asCaller = <T>(caller: Execution | undefined, run: () => T): T => this.#callers.run(caller, run);
}
