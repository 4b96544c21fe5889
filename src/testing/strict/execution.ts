/** The life of one call: whether it still runs, what it waits for, and what has ended it. */
import type { ConsoleBudget } from "./consoleBudget.js";
import type { DocumentImages } from "./documentImages.js";
import { never, turn } from "./eventLoop.js";
import { messageOf } from "./failure.js";
import { isTransactional, type Observation } from "./observation.js";
import { displayName } from "./operations.js";

/** What all calls of a query or mutation share with the calls nested in it. */
export interface Transaction {
  /** `Date.now()` of all of them. */
  readonly startMs: number;
  readonly budget: ConsoleBudget;
  readonly images: DocumentImages;
}

/** On whose behalf code runs. */
export interface Caller {
  readonly execution: Execution | undefined;
  /** It runs a query outside of its transaction, with the option `useStaleSnapshot`. */
  readonly isSnapshot: boolean;
}

/** Thrown to the caller of a function that was ended from outside. */
export class KilledError extends Error {
  override readonly name = "KilledError";
}

/** One running call. */
export class Execution {
  readonly call: Observation;
  readonly transaction: Transaction;
  readonly #pending = new Map<object, string>();
  readonly #working = new Set<object>();
  readonly #cleanups: (() => void)[] = [];
  #lastOperation: Promise<unknown> = Promise.resolve();
  #isOver = false;
  #isConcluded = false;
  #death: KilledError | undefined;
  #die: (error: KilledError) => void = () => undefined;
  /** Rejects when the call is killed. */
  readonly killed: Promise<never>;

  constructor(call: Observation, transaction: Transaction) {
    this.call = call;
    this.transaction = transaction;
    this.killed = new Promise<never>((_, reject) => (this.#die = reject));
    // Whoever runs the call looks at it, but not always in time.
    this.killed.catch(() => undefined);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** What killed it. */
  get death(): KilledError | undefined {
    return this.#death;
  }

  /** Ends the call in a way that its code cannot catch. */
  kill(reason: unknown): KilledError {
    const error = new KilledError(messageOf(reason), { cause: reason });
    if (!this.#isConcluded && this.#death === undefined) {
      this.#death = error;
      this.#die(error);
      this.end();
    }
    return error;
  }

  /** Nothing that the call has started reaches it from here on. */
  end(): void {
    this.#isOver = true;
    for (const cleanup of this.#cleanups.splice(0)) cleanup();
  }

  /** The outcome is known. Nothing changes it any more. */
  conclude(): void {
    this.#isConcluded = true;
    this.call.conclude();
    if (this.call.outcome !== "returned") this.transaction.images.forget();
    this.end();
  }

  /** Runs when the call ends. */
  onEnd(cleanup: () => void): void {
    this.#cleanups.push(cleanup);
  }

  /**
   * Runs an operation for the call, one turn of the event loop later, as on a backend: those of a query or mutation one after
   * the other, those of an action side by side. If the call is over by then it does not start, and if it is over at the end
   * nobody hears of it.
   */
  async operate<T>(name: string, argsJson: string, run: () => T | Promise<T>): Promise<T> {
    if (this.#isOver) return await never();
    const answered = this.call.operate(name, argsJson);
    const key = {};
    this.#pending.set(key, displayName(name));
    try {
      const result = await this.#inOrder(async () => {
        await turn();
        return this.#isOver ? await never() : await run();
      });
      return this.#isOver ? await never() : result;
    } catch (error) {
      if (this.#isOver) return await never();
      throw error;
    } finally {
      if (!this.#isOver) answered();
      this.#pending.delete(key);
    }
  }

  // `run_inner` in environment/udf/mod.rs takes the syscalls of a transaction from a queue.
  #inOrder<T>(run: () => Promise<T>): Promise<T> {
    if (!isTransactional(this.call.type)) return run();
    const result = this.#lastOperation.then(run);
    this.#lastOperation = result.catch(() => undefined);
    return result;
  }

  /** Keeps note of work outside of the realm that is no operation, so that nobody takes the call for stuck meanwhile. */
  async work<T>(promise: Promise<T>): Promise<T> {
    const key = {};
    this.#working.add(key);
    try {
      return await promise;
    } finally {
      this.#working.delete(key);
    }
  }

  /** Whether anything is under way that the call can be waiting for. */
  get isBusy(): boolean {
    return this.#pending.size > 0 || this.#working.size > 0;
  }

  /** Names of what is under way, sorted. */
  pending(): string[] {
    return [...this.#pending.values()].sort();
  }

  /** Waits until nothing is under way. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0 && !this.#isOver) await turn();
  }
}
