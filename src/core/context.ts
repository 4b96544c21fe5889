/**
 * Where the active context lives.
 *
 * The store hangs on the global object, not on this module: a bundle may hold two copies of this library (ESM and
 * CommonJS, or two versions), and they must see the same active span. It is put there by the adapter that starts
 * executions; while none has, looking for it costs one property read, which is all a Convex query ever pays.
 */
import type { ActiveContext, ContextStore } from "./ports.js";

const STORE = Symbol.for("convex-otel.context.v1");

type GlobalWithStore = { [STORE]?: ContextStore };

/** The store of this process, if an adapter has installed one. */
export function contextStore(): ContextStore | undefined {
  return (globalThis as GlobalWithStore)[STORE];
}

/** Installs the store that `create` makes, unless there is one. */
export function installContextStore(create: () => ContextStore): ContextStore {
  return ((globalThis as GlobalWithStore)[STORE] ??= create());
}

/** The active context, if an execution is being traced. */
export function activeContext(): ActiveContext | undefined {
  return contextStore()?.active();
}

/** The part of `AsyncLocalStorage` that is needed: Node and Convex (backends since May 2026) both have it. */
export interface AsyncStorage {
  getStore(): unknown;
  run<T>(value: unknown, fn: () => T): T;
}

/** Captures all asynchronous context, not only ours (`AsyncLocalStorage.snapshot`). */
export type Snapshot = () => <T>(fn: () => T) => T;

function captureNothing(): ReturnType<Snapshot> {
  return (fn) => fn();
}

/** A store on `AsyncLocalStorage`. Without `snapshot`, captured functions run where they are called. */
export function asyncContextStore(storage: AsyncStorage, snapshot: Snapshot = captureNothing): ContextStore {
  return {
    active() {
      return storage.getStore() as ActiveContext | undefined;
    },
    run(context, fn) {
      return storage.run(context, fn);
    },
    capture: snapshot,
  };
}

/**
 * A store for runtimes without `AsyncLocalStorage`. It knows the execution, not the position in it: the active span is
 * the entry span, whoever asks. A stack would look better in simple code and lie under `Promise.all`; spans that need
 * another parent name it (`withSpan(name, { parent }, fn)`).
 */
export function entryContextStore(): ContextStore {
  let entry: ActiveContext | undefined;
  return {
    active() {
      return entry;
    },
    run(context, fn) {
      const before = entry;
      const suppresses = before !== undefined && context?.call === before.call && context.span === undefined;
      // Only the outermost context is that of an execution; such a runtime runs one execution in each global scope.
      if (!suppresses && (context === undefined || before !== undefined)) return fn();
      entry = context;
      // Suppression holds until the first `await`: beyond it there is no telling who runs.
      return whenEnded(fn, !suppresses, () => (entry = before));
    },
    capture: captureNothing,
  };
}

/** Runs `fn`, then `after`: at once, or when what was returned has settled. */
function whenEnded<T>(fn: () => T, awaits: boolean, after: () => void): T {
  let result: T | undefined;
  try {
    return (result = fn());
  } finally {
    if (awaits && result instanceof Promise) result.then(after, after);
    else after();
  }
}
