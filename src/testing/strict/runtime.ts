/** What the calls of one strict runtime share. */
import { AsyncLocalStorage } from "node:async_hooks";

import type { ConvexBundle, ConvexModule } from "../convexBundle.js";

import { analysesOf, dependsOnDeploy, type Exports } from "./analyses.js";
import { type TimeSource, importClock, startClock, timeSource } from "./callClock.js";
import type { StrictScripts } from "./compile.js";
import { scheduleChecks } from "./callLimits.js";
import { ConflictRequests } from "./conflictRequests.js";
import { consoleBudget } from "./consoleBudget.js";
import { DeployedCode, type DeployedCodeOptions } from "./deployedCode.js";
import { DocumentImages } from "./documentImages.js";
import { type Caller, Execution, type Transaction } from "./execution.js";
import type { HostContext } from "./hostContext.js";
import { isTransactional, Observation } from "./observation.js";
import type { StrictSettings } from "./options.js";
import { createRealm, type Realm } from "./realm.js";
import type { RealmPorts } from "./realmHost.js";
import { isOutsideUtc } from "./realmTimeZone.js";
import { callSeed, seededRandom } from "./seededRandom.js";
import { syscallsOf } from "./syscalls.js";
import type { StrictFunctionType } from "./types.js";

/** What is about to run. */
export interface CallRequest {
  /** Where it is deployed. */
  readonly code: DeployedCode;
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

/** A deployment: an app with its components. */
export class StrictRuntime {
  readonly calls: Observation[] = [];
  readonly conflicts = new ConflictRequests();
  readonly settings: StrictSettings;
  readonly #codes = new Map<string, DeployedCode>();
  readonly #time: TimeSource;
  readonly #callers = new AsyncLocalStorage<Caller>();
  readonly #running = new Set<Execution>();
  readonly #checkSchedule = scheduleChecks(this.#codes);
  #started = 0;
  #isClosed = false;

  constructor(settings: StrictSettings) {
    this.settings = settings;
    this.#time = timeSource(settings.now);
  }

  /** Puts the code of the app or of a component in its place. */
  install(options: Omit<DeployedCodeOptions, "deployedMs" | "importSeed">): DeployedCode {
    // Not a number of any call.
    const importSeed = callSeed(this.settings.seed, -this.#codes.size);
    const code = new DeployedCode({ ...options, deployedMs: this.#nowMs(), importSeed });
    this.#codes.set(code.componentPath, code);
    return code;
  }

  /** Replaces it; what is returned takes that back. */
  deploy(code: DeployedCode, bundle: ConvexBundle, scripts: StrictScripts): () => void {
    return code.deploy(bundle, scripts, this.#nowMs());
  }

  /** The call on whose behalf this code runs. */
  get caller(): Execution | undefined {
    return this.#callers.getStore()?.execution;
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
    // Node.js 20 visits every storage that was ever used, at each promise.
    this.#callers.disable();
  }

  /** What a module exports, as a deploy finds it. It is not a call. */
  analyze(code: DeployedCode, { name, file }: ConvexModule): Exports {
    const { performance, asyncLocalStorage } = this.settings.backend;
    const known = analysesOf(code.scripts);
    const key = JSON.stringify([file, performance, asyncLocalStorage, isOutsideUtc()]);
    const exports = known.get(key);
    if (exports !== undefined) {
      // As if it had been looked at: the random numbers of calls do not depend on what ran before.
      this.#started += 1;
      return exports;
    }
    const request = { code, path: file, type: "query", argsJson: "", ctx: {}, caller: undefined, attempt: 1 } as const;
    const { realm, execution } = this.#prepare(request);
    const looked = realm.load(file);
    // A router stays in use, and may keep something in mind.
    if (name !== "http" && execution.death === undefined && !dependsOnDeploy(execution.call)) known.set(key, looked);
    return looked;
  }

  #prepare({ code, path, type, argsJson, ctx, caller, attempt }: CallRequest): StartedCall {
    const { componentPath, deployedMs } = code;
    const seed = callSeed(this.settings.seed, ++this.#started);
    const isSnapshot = caller !== undefined && this.#callers.getStore()?.isSnapshot === true;
    const transaction = this.#transaction(caller, isSnapshot);
    const { budget, startMs } = transaction;
    const call = new Observation({
      componentPath,
      path,
      type,
      parent: caller?.call,
      attempt,
      argsJson,
      seed,
      budget,
      isSnapshot,
    });
    const execution = new Execution(call, transaction);
    const ports: RealmPorts = {
      clock: importClock(deployedMs),
      // Fixed for the deploy: what a module draws is the same in every call.
      random: seededRandom(code.importSeed),
      execution,
      syscalls: syscallsOf({
        code,
        execution,
        ctx,
        metadata: this.settings.backend.meta,
        checkSchedule: this.#checkSchedule,
        asCaller: this.#asCaller,
      }),
      settings: this.settings,
      env: code.env,
      timeOrigin: deployedMs,
    };
    const realm = createRealm(code.scripts, ports);
    const enterHandler = (): void => {
      ports.clock = startClock(type, startMs, deployedMs, this.#time);
      ports.random = seededRandom(seed);
      call.enterHandler();
    };
    return { execution, realm, enterHandler };
  }

  // Functions that a query or mutation calls run in its transaction; those that an action calls have their own.
  #transaction(caller: Execution | undefined, isSnapshot: boolean): Transaction {
    if (caller !== undefined && isTransactional(caller.call.type)) {
      // It sees what was committed before, not what its caller has written.
      return isSnapshot ? { ...caller.transaction, images: new DocumentImages() } : caller.transaction;
    }
    return { startMs: this.#nowMs(), budget: consoleBudget(), images: new DocumentImages() };
  }

  #nowMs(): number {
    return Math.floor(this.#time.wall());
  }

  readonly #asCaller = <T>(caller: Caller, run: () => T): T => this.#callers.run(caller, run);
}
